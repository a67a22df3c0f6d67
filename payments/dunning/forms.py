from django import forms

from kit.forms import LineField
from kit.text import LONGEST_REASON


class WriteForm(forms.Form):
    words = LineField(
        max_length=LONGEST_REASON,
        label="What you want them to do",
        help_text="By notice and mail, once a day.",
    )
