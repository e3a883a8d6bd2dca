"""Paths through the workflows of the gallery that the demo does not use."""

from typing import Any, Final

from workflow_design.tests.gallery.gallery_paths import PathCase, Step

DAY: Final = "2026-06-30"
NOON: Final = "2026-06-30T12:00:00Z"


class LeavingEmployeeTests(PathCase):
    TICKET: Final = {"leaver": "Ben", "last_day": DAY, "leaving_reason": "retired", "manager": "7"}
    HANDOVER: Final[Step] = ("Hand over the work", {"handed_over_on": DAY})
    ACCOUNTS: Final[Step] = ("Close the accounts", {"accounts_closed_on": DAY})
    PAPERS: Final[Step] = ("Prepare the papers", {"papers_ready_on": DAY})
    CLOSE: Final[Step] = ("Close the file", {"file_closed_on": DAY})

    def equipment(self, returned: str) -> Step:
        return "Collect the equipment", {"equipment_returned": returned}

    def test_all_tasks_are_open_at_once(self) -> None:
        every = ["Hand over the work #1", "Close the accounts #1", "Collect the equipment #1"]
        self.assert_way(
            "leaving_employee",
            self.TICKET,
            ([*every, "Prepare the papers #1"], self.PAPERS),
            (every, self.HANDOVER),
            (every[1:], self.ACCOUNTS),
            (every[2:], self.equipment("complete")),
            (["Close the file #1"], self.CLOSE),
            end="Left",
        )

    def test_missing_equipment_is_settled_first(self) -> None:
        every = ["Hand over the work #1", "Close the accounts #1", "Collect the equipment #1"]
        self.assert_way(
            "leaving_employee",
            self.TICKET,
            ([*every, "Prepare the papers #1"], self.PAPERS),
            (every, self.HANDOVER),
            (every[1:], self.ACCOUNTS),
            (every[2:], self.equipment("missing")),
            (["Settle what is missing #1"], ("Settle what is missing", {"settled_by": "paid"})),
            (["Close the file #1"], self.CLOSE),
            end="Left",
        )


class ComplaintTests(PathCase):
    TICKET: Final = {"customer": "Ms Ito", "complaint_kind": "damaged", "complaint": "Broken glass"}

    def verdict(self, verdict: str, amount: int = 0) -> Step:
        return "Look into it", {"verdict": verdict, "refund_amount": amount}

    def test_a_refused_refund_is_reviewed_again(self) -> None:
        self.assert_way(
            "customer_complaint",
            self.TICKET,
            (["Look into it #1"], self.verdict("ask")),
            (["Ask the customer #1"], ("Ask the customer", {"customer_answer": "Both glasses"})),
            (["Look into it #2"], self.verdict("refund", 500)),
            (["Approve the refund #1"], ("Approve the refund", {"refund_decision": "reject"})),
            (["Look into it #3"], self.verdict("refund", 300)),
            (["Approve the refund #2"], ("Approve the refund", {"refund_decision": "approve"})),
            (["Pay the money back #1"], ("Pay the money back", {"paid_on": DAY})),
            end="Paid back",
        )

    def test_a_small_refund_needs_no_manager(self) -> None:
        self.assert_way(
            "customer_complaint",
            self.TICKET,
            (["Look into it #1"], self.verdict("refund", 200)),
            (["Pay the money back #1"], ("Pay the money back", {"paid_on": DAY})),
            end="Paid back",
        )

    def test_a_replacement_or_an_explanation(self) -> None:
        sent = ("Send a replacement", {"sent_on": DAY})
        self.assert_way(
            "customer_complaint",
            self.TICKET,
            (["Look into it #1"], self.verdict("replace")),
            (["Send a replacement #1"], sent),
            end="Replaced",
        )
        answered = ("Answer the customer", {"answered_on": DAY, "answer": "Sorry"})
        self.assert_way(
            "customer_complaint",
            self.TICKET,
            (["Look into it #1"], self.verdict("explain")),
            (["Answer the customer #1"], answered),
            end="Answered",
        )


class MaintenanceTests(PathCase):
    TICKET: Final = {"place": "Hall 2", "object_kind": "machine", "defect": "Sparks", "urgency": "waits"}
    DANGER: Final = TICKET | {"urgency": "danger"}
    SECURE: Final[Step] = ("Secure the place", {"secured_on": NOON})

    def assessment(self, assessment: str) -> Step:
        return "Look at it", {"assessment": assessment, "cost_estimate": 0}

    def test_a_failed_repair_is_assessed_again_and_outsourced(self) -> None:
        done = {"contractor": "Volt & Sons", "contractor_done_on": DAY}
        self.assert_way(
            "maintenance_request",
            self.TICKET,
            (["Look at it #1"], self.assessment("repair")),
            (["Repair it #1"], ("Repair it", {"repaired_on": DAY})),
            (["Confirm the repair #1"], ("Confirm the repair", {"result": "broken"})),
            (["Look at it #2"], self.assessment("contractor")),
            (["Approve the cost #1"], ("Approve the cost", {"cost_decision": "approve"})),
            (["Have it repaired #1"], ("Have it repaired", done)),
            (["Confirm the repair #2"], ("Confirm the repair", {"result": "works"})),
            end="Repaired",
        )

    def test_a_danger_must_be_secured_before_the_end(self) -> None:
        both = ["Secure the place #1", "Look at it #1"]
        self.assert_way(
            "maintenance_request",
            self.DANGER,
            (both, self.assessment("none")),
            (both[:1], self.SECURE),
            end="Nothing to do",
        )
        self.assert_way(
            "maintenance_request",
            self.DANGER,
            (both, self.assessment("contractor")),
            ([both[0], "Approve the cost #1"], ("Approve the cost", {"cost_decision": "reject"})),
            (both[:1], self.SECURE),
            end="Not repaired",
        )


class SupplierTests(PathCase):
    TICKET: Final = {
        "supplier": "Nord AG",
        "country": "eu",
        "goods": "Screws",
        "yearly_volume": 5000,
        "handles_personal_data": True,
    }
    FINANCE: Final[Step] = ("Check the finances", {"finance_verdict": "ok"})
    QUALITY: Final[Step] = ("Check the quality", {"quality_verdict": "risk"})
    PRIVACY: Final[Step] = ("Check data protection", {"privacy_verdict": "ok"})

    def test_more_information_repeats_all_checks(self) -> None:
        def checks(number: int) -> list[str]:
            tasks = (self.FINANCE, self.QUALITY, self.PRIVACY)
            return [f"{title} #{number}" for title, _ in tasks]

        self.assert_way(
            "supplier_check",
            self.TICKET,
            (checks(1), self.FINANCE),
            (checks(1)[1:], self.QUALITY),
            (checks(1)[2:], self.PRIVACY),
            (["Decide #1"], ("Decide", {"decision": "more"})),
            (["Get more information #1"], ("Get more information", {"more_information": "Audited"})),
            (checks(2), self.PRIVACY),
            (checks(2)[:2], self.QUALITY),
            (checks(2)[:1], self.FINANCE),
            (["Decide #2"], ("Decide", {"decision": "approve"})),
            (["Set the supplier up #1"], ("Set the supplier up", {"supplier_number": "S-9"})),
            end="Approved",
        )

    def test_privacy_is_asked_only_about_personal_data(self) -> None:
        self.assert_way(
            "supplier_check",
            self.TICKET | {"handles_personal_data": False},
            (["Check the finances #1", "Check the quality #1"], self.FINANCE),
            (["Check the quality #1"], self.QUALITY),
            (["Decide #1"], ("Decide", {"decision": "reject"})),
            end="Rejected",
        )


class PrivacyRequestTests(PathCase):
    TICKET: Final = {
        "person_name": "Ms Ito",
        "person_contact": "ito@example.com",
        "request_kind": "erase",
        "received_on": DAY,
        "request_text": "Erase all",
    }
    SYSTEMS: Final[Step] = ("Search the systems", {"found_in_systems": "An account"})
    FILES: Final[Step] = ("Search the files", {"found_in_files": "Nothing"})
    ANSWER: Final[Step] = ("Answer the person", {"answered_on": DAY, "answer": "Done"})

    def identity(self, identity: str) -> Step:
        return "Make sure who asks", {"identity": identity}

    def ruling(self, ruling: str) -> Step:
        return "Decide on the request", {"ruling": ruling, "ruling_note": "Article 17"}

    def way(self, kind: str, *steps: tuple[list[str], Step]) -> None:
        self.assert_way(
            "privacy_request",
            self.TICKET | {"request_kind": kind},
            (["Make sure who asks #1"], self.identity("doubtful")),
            (["Ask for a proof #1"], ("Ask for a proof", {"proof_note": "Knew the last invoice"})),
            (["Make sure who asks #2"], self.identity("confirmed")),
            (["Search the systems #1", "Search the files #1"], self.FILES),
            (["Search the systems #1"], self.SYSTEMS),
            *steps,
            end="Answered",
        )

    def test_data_is_erased_before_the_answer(self) -> None:
        erased = {"changed_on": DAY, "change_note": "Account"}
        self.way(
            "erase",
            (["Decide on the request #1"], self.ruling("partly")),
            (["Change or erase the data #1"], ("Change or erase the data", erased)),
            (["Answer the person #1"], self.ANSWER),
        )

    def test_a_request_for_information_is_answered_at_once(self) -> None:
        self.way(
            "access",
            (["Decide on the request #1"], self.ruling("fulfil")),
            (["Answer the person #1"], self.ANSWER),
        )

    def test_a_refused_request_is_answered(self) -> None:
        self.way(
            "rectify",
            (["Decide on the request #1"], self.ruling("refuse")),
            (["Answer the person #1"], self.ANSWER),
        )

    def test_an_unidentified_person_gets_no_data(self) -> None:
        self.assert_way(
            "privacy_request",
            self.TICKET,
            (["Make sure who asks #1"], self.identity("refused")),
            end="Not this person",
        )


class IncidentTests(PathCase):
    TICKET: Final = {"incident": "Odd log-ins", "noticed_at": NOON, "what_happened": "At night"}
    CONTAIN: Final[Step] = ("Contain it", {"contained_at": NOON, "containment": "Changed passwords"})
    REVIEW: Final[Step] = ("Write the review", {"review": "Weak passwords", "measures": "Keys"})

    def assessment(self, severity: str, *, personal_data: bool) -> Step:
        return "Assess it", {"severity": severity, "personal_data": personal_data}

    def agree(self, verdict: str) -> Step:
        return "Agree on the measures", {"measures_verdict": verdict}

    def test_a_critical_one_with_personal_data(self) -> None:
        report = ("Report to the authority", {"authority_report": "reported", "authority_note": "12/7"})
        inform = ("Decide who is informed", {"information": "customers"})
        every = ["Contain it #1", "Report to the authority #1", "Decide who is informed #1"]
        self.assert_way(
            "incident",
            self.TICKET,
            (["Assess it #1"], self.assessment("critical", personal_data=True)),
            (every, self.CONTAIN),
            (every[1:], inform),
            (every[1:2], report),
            (["Write the review #1"], self.REVIEW),
            (["Agree on the measures #1"], self.agree("rework")),
            (["Write the review #2"], self.REVIEW),
            (["Agree on the measures #2"], self.agree("agreed")),
            end="Closed",
        )

    def test_a_serious_one_without(self) -> None:
        self.assert_way(
            "incident",
            self.TICKET,
            (["Assess it #1"], self.assessment("serious", personal_data=False)),
            (["Contain it #1"], self.CONTAIN),
            (["Write the review #1"], self.REVIEW),
            (["Agree on the measures #1"], self.agree("agreed")),
            end="Closed",
        )

    def test_a_false_alarm(self) -> None:
        step: tuple[list[str], Step] = (
            ["Assess it #1"],
            self.assessment("none", personal_data=False),
        )
        ticket: dict[str, Any] = dict(self.TICKET)
        self.assert_way("incident", ticket, step, end="No incident")
