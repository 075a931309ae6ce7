"""Every object type that clients are tried with: what a record of it needs, and a property of words to change."""

from dataclasses import dataclass, field

AT = "2025-04-24T20:01:33Z"
TIMED = {"hs_timestamp": AT}
KEY = "ref"


@dataclass(frozen=True)
class Kind:
    """One object type. `words` is a property that takes any text, `needed` what no record is made without."""

    plural: str
    words: str
    needed: dict[str, str] = field(default_factory=dict)

    def values(self, words: str, key: str | None = None) -> dict[str, str]:
        """The properties of a record: those that are needed, its words, and its key if it has one."""
        return {**self.needed, self.words: words, **({} if key is None else {KEY: key})}


KINDS = {
    kind.plural: kind
    for kind in (
        Kind("appointments", "hs_appointment_name"),
        Kind("calls", "hs_call_title", TIMED),
        Kind("carts", "hs_cart_name"),
        Kind("commerce_payments", "hs_reference_number", {"hs_initial_amount": "7", "hs_initiated_date": AT}),
        Kind("communications", "hs_communication_body", {**TIMED, "hs_communication_channel_type": "SMS"}),
        Kind("companies", "name"),
        Kind("contacts", "lastname"),
        Kind("courses", "hs_course_name"),
        Kind("deals", "dealname", {"dealstage": "appointmentscheduled"}),
        Kind("discounts", "hs_label"),
        Kind("emails", "hs_email_subject", {**TIMED, "hs_email_direction": "EMAIL"}),
        Kind("feedback_submissions", "hs_submission_name"),
        Kind("fees", "hs_label", {"hs_type": "FIXED", "hs_value": "7"}),
        Kind("goal_targets", "hs_goal_name"),
        Kind("invoices", "hs_title", {"hs_currency": "USD"}),
        Kind("leads", "hs_lead_name"),
        Kind("line_items", "name"),
        Kind("listings", "hs_name"),
        Kind("meetings", "hs_meeting_title", TIMED),
        Kind("notes", "hs_note_body", TIMED),
        Kind("orders", "hs_order_name"),
        Kind("postal_mail", "hs_postal_mail_body", TIMED),
        Kind("products", "name"),
        Kind("projects", "hs_name", {"hs_pipeline": "any", "hs_pipeline_stage": "any"}),
        Kind("quotes", "hs_title", {"hs_expiration_date": AT}),
        Kind(
            "services",
            "hs_name",
            {
                "hs_pipeline": "ba9cdbd6-e220-45b2-a5a2-d67ebdcbade6",
                "hs_pipeline_stage": "8e2b21d0-7a90-4968-8f8c-a8525cc49c70",
            },
        ),
        Kind("subscriptions", "hs_name"),
        Kind("tasks", "hs_task_subject", TIMED),
        Kind("taxes", "hs_label"),
        Kind("tickets", "subject", {"hs_pipeline_stage": "1"}),
        Kind("users", "hs_given_name", {"hs_internal_user_id": "7", "hs_email": "ann@example.com"}),
    )
}
"""By plural: every object type that has a class or a path of its own in HubSpot's clients, and is served."""
