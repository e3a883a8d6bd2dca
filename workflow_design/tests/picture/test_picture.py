"""The picture of a workflow: complete, deterministic, and without overlaps."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

from django.template.loader import render_to_string
from django.test import SimpleTestCase
from hypothesis import given, settings

from workflow_design.definition.workflow import CompletionStatus, DefinitionKey, Kind, TaskType
from workflow_design.engine import Plan
from workflow_design.engine.plan import build_plan
from workflow_design.picture.drawing import draw_picture
from workflow_design.picture.graph import MAX_NODES_IN_A_ROW, build_field_edges, list_definitions
from workflow_design.picture.model import Label, Lines, Mark, Node, Picture
from workflow_design.picture.text import text_width, wrap_text
from workflow_design.tests.examples import VACATION, completion, equals, plan, task, ticket
from workflow_design.tests.gallery_files import NAMES, gallery_file
from workflow_design.tests.strategies import plans
from workflow_design.wording.rules import Vocabulary

NO_WORDS = Vocabulary()
HOSTILE = '</svg><script>alert(1)</script>{{ 7*7 }}" onload="x'


VACATION_IN_WORDS = """
Ticket. It writes Days, First day and Note. Its output is read by “Decide” and “Book it”.
Form. It starts when Days, First day or Note is written. It writes Decision and Note of the manager. Its output is read by “Change request”, “Book it” and “Rejected”.
Form. It starts when Decision or Note of the manager is written, if Decision is “Ask for a change”. It writes Days, First day and Note. Its output is read by “Decide” and “Book it”.
Form. It starts when Decision, Days or First day is written, if Decision is “Approve”. It writes Booked. Its output is read by “Booked” and “Not booked”.
Completed. It is reached when Booked is written, if Booked is yes. It completes the workflow.
Cancelled. It is reached when Decision is written, if Decision is “Reject”. It cancels the workflow.
Cancelled. It is reached when Booked is written, if Booked is no. It cancels the workflow.
"""  # noqa: E501 - one paragraph for each


def gallery_picture(name: str) -> Picture:
    """Return the picture of a workflow of the gallery."""
    file = gallery_file(name)
    return draw_picture(build_plan(file), Vocabulary.of_schema(file.fields_schema))


def timed() -> Picture:
    """Return the picture of a task that another one waits for to become overdue."""
    decide = replace(task("Decide", "days", "decision"), due_hours=2.5, overdue_field="late")
    hurry = task("Hurry", "late decision", "note")
    done = completion("Done", "decision late")
    return draw_picture(plan(ticket("Ask", "days"), decide, hurry, done), NO_WORDS)


def staged(stages: int, width: int) -> Plan:
    """Return stages of parallel tasks, each joined by one more."""
    tasks = []
    for stage in range(stages):
        parts = [f"part_{stage}_{number}" for number in range(width)]
        tasks += [task(f"Check {part}", f"stage_{stage}", part) for part in parts]
        tasks.append(
            task(
                f"Release {stage}",
                " ".join(parts),
                f"stage_{stage + 1}",
                condition={"!": {"missing": parts}},
            )
        )
    return plan(ticket("Ask", "stage_0"), *tasks, completion("Done", f"stage_{stages}"))


def branching(stages: int) -> Plan:
    """Return stages that ask back, branch, all ask for an amount, and may each end the workflow."""
    tasks = []
    for stage in range(stages):
        said, note, papers = f"says_{stage}", f"note_{stage}", f"papers_{stage}"
        before = f"says_{stage - 1}" if stage else "what"
        tasks += [
            task(f"Look {stage}", f"{before} amount", f"{said} {note}"),
            task(f"Answer {stage}", f"{said} {note}", "amount", condition=equals(said, "ask")),
            task(f"Collect {stage}", f"{said} amount", papers),
            task(f"Archive {stage}", papers, f"archived_{stage}"),
        ]
    rejected = completion("Rejected", " ".join(f"says_{stage}" for stage in range(stages)))
    return plan(ticket("Ask", "what amount"), *tasks, completion("Done", f"says_{stages - 1}"), rejected)


def rendered(picture: Picture) -> str:
    """Return the picture as a page renders it."""
    return render_to_string("components/workflow_picture.html", {"picture": picture, "title": "Workflow"})


def overlap(one: Node | Label, other: Node | Label) -> bool:
    """Return whether two things overlap."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


class TimedTasks(SimpleTestCase):
    """Tasks that are due, and what the clock starts."""

    def test_a_clock_and_a_line_that_is_followed_if_overdue(self) -> None:
        picture = timed()
        signs = {node.title: node.shape.due and node.shape.due.text.text for node in picture.nodes}
        self.assertEqual(signs, {"Ask": None, "Decide": "2.5 h", "Hurry": None, "Done": None})
        labels = {
            (edge.writer.key, edge.reader.key): "".join(line.text for line in edge.label.lines)
            for edge in picture.lines.edges
            if edge.label
        }
        self.assertEqual(labels["Decide", "Hurry"], "Decision, if overdue")
        (text,) = (edge.text for edge in picture.lines.edges if edge.reader.key == "Hurry")
        self.assertEqual(
            text,
            "“Decide” writes Decision for “Hurry”; "
            "“Hurry” reads Late, which the clock sets when “Decide” is overdue",
        )

    def test_in_words(self) -> None:
        sentence = next(node.sentence for node in timed().nodes if node.title == "Decide")
        self.assertIn("Due after 2.5 working hours. When it is overdue, “Late” becomes yes.", sentence)

    def test_the_clock_stands_between_kind_and_edge(self) -> None:
        html = render_to_string("components/workflow_picture.html", {"picture": timed(), "title": "Any"})
        self.assertEqual(html.count("tf-picture-clock"), 1)


class PlacesTests(SimpleTestCase):
    def assert_well_placed(self, picture: Picture, definition: Plan) -> None:
        nodes = {node.key: node for node in picture.nodes}
        labels = [edge.label for edge in picture.lines.edges if edge.label is not None]
        labels += [label for rail in picture.lines.rails for label in rail.labels]
        self.assertEqual(len(nodes), len(list_definitions(definition)))
        self.assert_complete(picture, definition)
        things: list[Node | Label] = [*nodes.values(), *labels]
        for one, other in combinations(things, 2):
            self.assertFalse(overlap(one, other), (one, other))
        for thing in things:
            self.assertGreaterEqual(min(thing.x, thing.y), 0)
            self.assertLessEqual(thing.x + thing.width, picture.width)
            self.assertLessEqual(thing.y + thing.height, picture.height)
        for edge in picture.lines.edges:
            writer, reader = nodes[edge.writer], nodes[edge.reader]
            below = reader.y > writer.y
            self.assertEqual(below, not edge.is_backward, edge.text)

    def assert_complete(self, picture: Picture, definition: Plan) -> None:
        """Assert that each writer and reader of a field are joined by one edge or rail."""
        keys = [node.key for node in picture.nodes]
        edges = [(edge.writer, edge.reader, name) for edge in picture.lines.edges for name in edge.fields]
        drawn = [*edges, *(pair for rail in picture.lines.rails for pair in rail.pairs)]
        expected = {
            (keys[edge.writer], keys[edge.reader], name)
            for edge in build_field_edges(definition)
            for name in edge.fields
        }
        self.assertEqual(len(drawn), len(set(drawn)))
        self.assertLessEqual(set(drawn), expected)
        self.assertEqual(set(drawn) == expected, picture.left_out == 0)

    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(plans())
    def test_nothing_overlaps_and_edges_lead_down_except_backward_ones(self, definition: Plan) -> None:
        self.assert_well_placed(draw_picture(definition, NO_WORDS), definition)

    def test_the_gallery(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                picture = gallery_picture(name)
                self.assert_well_placed(picture, build_plan(gallery_file(name)))
                self.assertEqual(picture.left_out, 0)
                self.assertLessEqual(picture.width, 1_100)

    def test_forty_tasks_fit_on_a_page(self) -> None:
        definition = staged(8, 4)
        picture = draw_picture(definition, NO_WORDS)
        self.assert_well_placed(picture, definition)
        self.assertEqual(len([edge for edge in picture.lines.edges if edge.label is None]), 0)
        self.assertLessEqual(picture.width, 1_100)
        self.assertLess(len(rendered(picture)), 80_000)

    def test_forty_tasks_that_write_the_same_fields(self) -> None:
        definition = branching(10)
        picture = draw_picture(definition, NO_WORDS)
        self.assert_well_placed(picture, definition)
        self.assertEqual(len(definition.tasks), 40)
        self.assertGreater(len(build_field_edges(definition)), 150)
        self.assertLess(len(picture.lines.edges), 60)
        self.assertEqual({rail.text.split(":")[0] for rail in picture.lines.rails} & {"Amount"}, {"Amount"})
        self.assertLessEqual(picture.width, 1_300)
        self.assertLess(len(rendered(picture)), 60_000)

    def test_few_lines_get_no_rail(self) -> None:
        for name in NAMES:
            self.assertEqual(gallery_picture(name).lines.rails, ())

    def test_wide_rows_are_folded(self) -> None:
        definition = staged(1, 11)
        picture = draw_picture(definition, NO_WORDS)
        self.assert_well_placed(picture, definition)
        rows = [node.y for node in picture.nodes if node.title.startswith("Check")]
        self.assertLessEqual(max(rows.count(row) for row in rows), MAX_NODES_IN_A_ROW)
        self.assertEqual(len(set(rows)), 3)

    def test_parallel_tasks_are_side_by_side_in_definition_order(self) -> None:
        nodes = {node.title: node for node in gallery_picture("content_approval").nodes}
        legal, editor = nodes["Review as Legal"], nodes["Review as editor"]
        self.assertEqual(legal.y, editor.y)
        self.assertLess(legal.x, editor.x)

    def test_unconnected_definitions_are_drawn_too(self) -> None:
        definition = plan(ticket("Ask", "a"), task("Alone", "b", "c"), completion("End", "d"))
        picture = draw_picture(definition, NO_WORDS)
        self.assert_well_placed(picture, definition)
        self.assertEqual(picture.lines.edges, ())

    def test_a_huge_graph_is_cut_and_says_so(self) -> None:
        every = " ".join(f"f{number}" for number in range(40))
        tasks = [task(f"Task {number}", f"a {every}", f"f{number}") for number in range(40)]
        picture = draw_picture(plan(ticket("Ask", "a"), *tasks), NO_WORDS)
        self.assertGreater(picture.left_out, 0)
        self.assertIn("are not drawn", rendered(picture))

    def test_an_empty_plan(self) -> None:
        self.assertEqual(draw_picture(Plan((), ()), NO_WORDS), Picture(0.0, 0.0, (), Lines()))


class SameTests(SimpleTestCase):
    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(plans())
    def test_is_the_same_whatever_the_marks(self, definition: Plan) -> None:
        picture = draw_picture(definition, NO_WORDS)
        self.assertEqual(draw_picture(definition, NO_WORDS), picture)
        marks = {node.key: Mark("info", "Open") for node in picture.nodes}
        marked = draw_picture(definition, NO_WORDS, marks=marks)
        self.assertEqual(
            [node.shape.outline for node in marked.nodes], [node.shape.outline for node in picture.nodes]
        )
        self.assertEqual(marked.lines.edges, picture.lines.edges)

    def test_is_the_same_in_every_process(self) -> None:
        program = (
            "from django.conf import settings; settings.configure(USE_I18N=False)\n"
            "from workflow_design.tests.picture.test_picture import gallery_picture\n"
            "print([edge.path for edge in gallery_picture('it_support').lines.edges])"
        )
        process = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": "1"},
            capture_output=True,
            check=True,
            text=True,
        )
        expected = [edge.path for edge in gallery_picture("it_support").lines.edges]
        self.assertEqual(process.stdout.strip(), str(expected))


class EdgeTests(SimpleTestCase):
    def edges(self, definition: Plan) -> dict[tuple[str, str], Any]:
        """Return the edges by the keys of their ends."""
        return {
            (edge.writer.key, edge.reader.key): edge
            for edge in draw_picture(definition, NO_WORDS).lines.edges
        }

    def test_edges_are_the_fields_that_are_written_and_read(self) -> None:
        self.assertEqual(
            {ends: edge.fields for ends, edge in self.edges(VACATION).items()},
            {
                ("Vacation request", "Decide"): ("days", "first_day", "employee_note"),
                ("Change request", "Decide"): ("days", "first_day", "employee_note"),
                ("Decide", "Change request"): ("decision", "manager_note"),
                ("Decide", "Book it"): ("decision",),
                ("Vacation request", "Book it"): ("days", "first_day"),
                ("Change request", "Book it"): ("days", "first_day"),
                ("Book it", "Booked"): ("booked",),
                ("Decide", "Rejected"): ("decision",),
            },
        )

    def test_fields_that_the_condition_does_not_read_are_supporting(self) -> None:
        supporting = {ends for ends, edge in self.edges(VACATION).items() if edge.is_supporting}
        self.assertEqual(supporting, {("Vacation request", "Book it"), ("Change request", "Book it")})

    def test_backward_edges_are_marked(self) -> None:
        backward = {ends for ends, edge in self.edges(VACATION).items() if edge.is_backward}
        self.assertEqual(backward, {("Change request", "Decide")})

    def test_without_a_cycle_no_edge_is_backward(self) -> None:
        long_and_short = plan(
            ticket("Ask", "a"),
            task("One", "a", "b"),
            task("Two", "b", "c"),
            task("Three", "a c", "d"),
            completion("End", "d"),
        )
        self.assertFalse(any(edge.is_backward for edge in self.edges(long_and_short).values()))

    def test_a_task_that_reads_what_it_writes_has_a_loop(self) -> None:
        edges = self.edges(plan(ticket("Ask", "n"), task("Count", "n", "n")))
        self.assertTrue(edges["Count", "Count"].path)
        self.assertTrue(edges["Count", "Count"].is_backward)


class NodeTests(SimpleTestCase):
    def test_each_kind_has_a_css_class_a_word_and_a_shape(self) -> None:
        call = task("", "a", task_type=TaskType.SYNC_ACTION)
        definition = plan(
            ticket("T", "a"),
            *(task(kind, "a", task_type=kind) for kind in TaskType),
            *(replace(call, title=kind, action={kind: {}}) for kind in ("email", "chat")),
            *(completion(status, "a", status=status) for status in CompletionStatus),
        )
        nodes = draw_picture(definition, NO_WORDS).nodes
        looks = [(node.css_modifier, node.kind) for node in nodes]
        self.assertEqual(
            looks,
            [
                ("ticket", "Ticket"),
                ("form", "Form"),
                ("sync-action", "Action"),
                ("async-action", "Action, answered later"),
                ("sync-action", "E-mail"),
                ("sync-action", "Chat message"),
                ("completed", "Completed"),
                ("cancelled", "Cancelled"),
                ("on-hold", "On hold"),
            ],
        )

    def test_the_condition_stands_under_the_title(self) -> None:
        (node,) = (node for node in gallery_picture("vacation_request").nodes if node.title == "Book it")
        self.assertEqual([line.text for line in node.shape.condition_lines], ["if Decision is “Approve”"])

    def test_a_draft_with_conditions_that_are_not_allowed_is_drawn(self) -> None:
        rules: list[Any] = [{"method": 1}, {"a": 1, "b": 2}, {"missing_some": [1]}, [], "x"]
        for rule in rules:
            picture = draw_picture(plan(ticket("T", "a"), task("X", "a", "b", condition=rule)), NO_WORDS)
            self.assertTrue(picture.nodes[1].shape.condition_lines, rule)

    def test_long_titles_are_cut_and_complete_in_the_hint(self) -> None:
        title = "A very long title that goes on and on " * 5
        (node,) = draw_picture(plan(ticket(title, "a")), NO_WORDS).nodes
        self.assertEqual(len(node.shape.title_lines), 3)
        self.assertIn(title, node.hint)

    def test_links_and_marks(self) -> None:
        decide = DefinitionKey(Kind.TASK, "Decide")
        marks = {
            decide: Mark("success", "Done twice"),
            DefinitionKey(Kind.TICKET, "Decide"): Mark("info", "x"),
        }
        picture = draw_picture(VACATION, NO_WORDS, marks=marks).linked({decide: "/tasks/1/"})
        self.assertEqual(
            {node.title: node.link for node in picture.nodes if node.link}, {"Decide": "/tasks/1/"}
        )
        self.assertEqual([node.title for node in picture.nodes if node.mark], ["Decide"])
        self.assertIn("Done twice", rendered(picture))
        self.assertIn('href="/tasks/1/"', rendered(picture))


class WordsTests(SimpleTestCase):
    def test_the_picture_in_words(self) -> None:
        sentences = [node.sentence for node in gallery_picture("vacation_request").nodes]
        self.assertEqual(sentences, VACATION_IN_WORDS.strip().split("\n"))

    def test_resets_and_marks_are_described(self) -> None:
        definition = plan(ticket("T", "a"), task("Ask", "a", "b", resets="b"))
        picture = draw_picture(
            definition, NO_WORDS, marks={DefinitionKey(Kind.TASK, "Ask"): Mark("info", "Open")}
        )
        sentence = "Form. It starts when A is written. It writes B. When it starts, it empties B."
        self.assertEqual(picture.nodes[1].sentence, sentence)
        self.assertRegex(rendered(picture), rf"{sentence}\s+Open\.")

    def test_many_readers_are_counted(self) -> None:
        readers = [task(f"Task {number}", "a", "z") for number in range(15)]
        words = draw_picture(plan(ticket("T", "a"), *readers), NO_WORDS).nodes[0].sentence
        self.assertTrue(words.endswith("“Task 11” and 3 others."), words)


class PageTests(SimpleTestCase):
    def test_it_is_well_formed_and_without_style_or_script(self) -> None:
        for name in NAMES:
            page = rendered(gallery_picture(name))
            svg = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
            root = ET.fromstring(svg)  # noqa: S314 - made by our own template
            self.assertEqual(len(root.findall(".//path")), self._paths(gallery_picture(name)))
            self.assertNotIn("style=", page)
            self.assertNotIn("<script", page)

    @staticmethod
    def _paths(picture: Picture) -> int:
        clocks = sum(node.shape.due is not None for node in picture.nodes)
        return len(picture.nodes) + clocks + 2 * len(picture.lines.edges) + 2 * len(picture.lines.rails)

    def test_texts_of_users_are_escaped(self) -> None:
        definition = plan(
            ticket(HOSTILE, "a"),
            task(f"T {HOSTILE}", "a", "b", condition=equals("a", HOSTILE)),
            completion(f"C {HOSTILE}", "b"),
        )
        vocabulary = Vocabulary.of_schema(
            {"properties": {name: {"type": "string", "title": HOSTILE} for name in "ab"}}
        )
        page = rendered(
            draw_picture(
                definition, vocabulary, marks={DefinitionKey(Kind.TICKET, HOSTILE): Mark("info", HOSTILE)}
            )
        )
        self.assertNotIn("<script", page)
        self.assertNotIn('onload="x', page)
        self.assertEqual(page.count("</svg>"), 1)
        self.assertIn("{{ 7*7 }}", page)

    def test_screen_readers_get_the_words_instead_of_the_drawing(self) -> None:
        page = rendered(gallery_picture("vacation_request"))
        self.assertIn('aria-hidden="true"', page)
        self.assertIn("It completes the workflow.", page)


class TextTests(SimpleTestCase):
    def test_lines_are_broken_between_words(self) -> None:
        self.assertEqual(wrap_text("one two three", width=60, size=12, lines=3), ["one two", "three"])
        self.assertEqual(wrap_text("", width=60, size=12, lines=3), [])

    def test_no_line_is_too_wide(self) -> None:
        for text in (
            "x" * 300,
            "Wide WWWWWWWWWWWWWWW words",
            "時間" * 40,
            "a " * 200,
            "aaaa bbbbbbbbbbbbbbbbbbbbbbb c",
        ):
            for line in wrap_text(text, width=80, size=12, lines=4):
                self.assertLessEqual(text_width(line, 12), 80)

    def test_text_that_does_not_fit_ends_in_an_ellipsis(self) -> None:
        self.assertEqual(wrap_text("one two three four", width=60, size=12, lines=1), ["one two…"])
        self.assertEqual(len(wrap_text("word " * 100, width=60, size=12, lines=3)), 3)
