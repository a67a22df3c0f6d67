from django.db import models
from django.db.models import UniqueConstraint


class Job(models.TextChoices):
    """What the calendar does with rows by itself, and what it does it for."""

    EXPIRE_OFFER = "expire_offer", "An offer that has run out"
    REMIND_OF_ANSWERS = "remind_of_answers", "A reminder of applicants who wait"
    REMIND_OF_OFFER = "remind_of_offer", "A reminder of an offer"
    REMIND_OF_AUDITION = "remind_of_audition", "A reminder of a self-tape"
    ANSWER_FOR_SILENT = "answer_for_silent", "Applicants whom no company answers"
    MAKE_PAPER = "make_paper", "An agreement that is printed and signed"
    ACTIVATE = "activate", "An engagement that becomes active"
    LAPSE_SLOT = "lapse_slot", "An open call whose time has come"
    FOLLOW_MOVED = "follow_moved", "An open call whose session was moved"
    SEEK_STAND_IN = "seek_stand_in", "A place whose performer has not come"
    CLOSE_STAND_IN = "close_stand_in", "A place that is offered while the session runs"
    REOPENED = "reopened", "A seat of an open call that is free again"
    HALF_TAKEN = "half_taken", "An open call that is not full"
    END_HOLD = "end_hold", "A held seat whose time is over"
    RECALL_DELIVERY = "recall_delivery", "A delivery in which a grant is over"
    CHASE_DELETION = "chase_deletion", "A deletion that is not confirmed"
    REMIND_OF_CALL = "remind_of_call", "A reminder of a call"
    LAPSE_MOVE = "lapse_move", "Another time that was not answered"
    OPEN_REVIEW = "open_review", "A week that goes to its performer"
    SUBMIT_WEEK = "submit_week", "A week that goes to its company"
    APPROVE_WEEK = "approve_week", "A week that is approved by the calendar"
    DECIDE_DISPUTE = "decide_dispute", "A dispute that was not answered"
    REMIND_TO_CONFIRM = "remind_to_confirm", "A reminder of a week to confirm"
    REMIND_TO_APPROVE = "remind_to_approve", "A reminder of a week to approve"
    REMIND_TO_ANSWER = "remind_to_answer", "A reminder of a dispute to answer"
    REMIND_TO_DECIDE = "remind_to_decide", "A reminder of a dispute to decide"
    DECIDE_PIECE = "decide_piece", "A piece that was not answered"
    REMIND_OF_PIECE = "remind_of_piece", "A reminder of a piece"
    LAPSE_PIECE = "lapse_piece", "A piece that never came"
    FREE_PIECE = "free_piece", "A refusal whose time to appeal is over"
    REMIND_TO_SIGN = "remind_to_sign", "A reminder of terms to sign"


class Retry(models.Model):
    """A row that one of the calendar's jobs could not work off: put off, ever later, while the others go on.

    It is gone when the job has worked it off, or has nothing to do with it any more.
    """

    LONGEST_FAILURE = 100
    MOST_TRIES = 1_000

    job = models.CharField(max_length=20, choices=Job)
    row = models.BigIntegerField(help_text="The key of the row, in the table that the job works off.")
    subject = models.CharField(max_length=64, help_text="Its public id.")
    path = models.CharField(max_length=200, help_text="The page that shows it.")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="Not before then it is tried again.")
    failing_since = models.DateTimeField()
    failure = models.CharField(max_length=LONGEST_FAILURE, help_text="The kind of the last fault.")

    class Meta:
        verbose_name_plural = "retries"
        constraints = [UniqueConstraint(name="one_retry_per_job_and_row", fields=["job", "row"])]

    def __str__(self) -> str:
        return f"{self.job} {self.subject}"
