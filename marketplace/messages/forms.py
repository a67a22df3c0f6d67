from django import forms

from marketplace.messages.models import LONGEST_TEXT


class MessageForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Your message",
        error_messages={"required": "Write something."},
    )


class FlagForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2}), label="What is wrong with it"
    )
