from kit.transitions import Transitions
from marketplace.media.states import SENT

TAPE = Transitions("tape", SENT)
