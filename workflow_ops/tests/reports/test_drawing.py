"""Charts and tables: from numbers to positions, words and CSV."""

from datetime import date

from django.test import SimpleTestCase

from workflow_ops.reports.charts import Series, bar_chart, line_chart
from workflow_ops.reports.tables import MOST_SHOWN, Column, Holds, Table

DAYS = [date(2026, 3, 1), date(2026, 3, 2)]


class Charts(SimpleTestCase):
    """Of 200 units of height, a chart has 158 for numbers: from 170, which is 0, up to 12."""

    def test_bars(self) -> None:
        series = [Series("In", "first", [4, 0]), Series("Out", "second", [1, 2])]
        chart = bar_chart("flow", "Flow", DAYS, "day", series)
        self.assertEqual([line["text"] for line in chart.lines], ["0", "1", "2", "3", "4"])
        bars = [[(bar["css"], bar["y"], bar["height"]) for bar in slot.bars] for slot in chart.slots]
        self.assertEqual(
            bars,
            [[("first", "12.0", "158.0"), ("second", "130.5", "39.5")], [("second", "91.0", "79.0")]],
        )
        self.assertEqual(chart.description, "1 March 2026: In 4, Out 1; 2 March 2026: In 0, Out 2")

    def test_line(self) -> None:
        chart = line_chart("open", "Open", DAYS, "month", Series("Open", "third", [0, 1000]))
        self.assertEqual([line["text"] for line in chart.lines], ["0", "500", "1,000"])
        self.assertEqual(chart.path, "M141.5 170.0 L324.5 12.0")
        self.assertEqual([slot.bars for slot in chart.slots], [[], []])
        self.assertEqual([label["text"] for label in chart.labels], ["Mar 2026", "Mar 2026"])
        of_one_day = line_chart("open", "Open", DAYS[:1], "day", Series("Open", "third", [3]))
        self.assertEqual([len(slot.bars) for slot in of_one_day.slots], [1])


class Tables(SimpleTestCase):
    """The page shows the first rows in words; the file has all, with times in hours."""

    def test_page_and_file(self) -> None:
        columns = [Column("Task", Holds.TEXT), Column("Done"), Column("Median", Holds.SECONDS)]
        rows = [["Do", 1200, 5400.0], *[["Other", 600, None]] * MOST_SHOWN]
        table = Table("tasks", "Time for each task", "", columns, rows, drawn=[1])
        self.assertEqual((len(table.first_rows), table.left_out), (MOST_SHOWN, 1))
        first, second = table.first_rows[:2]
        self.assertEqual(
            [cell["text"] for row in (first, second) for cell in row["cells"]],
            ["1,200", "1 h 30 min", "600", ""],
        )
        self.assertEqual((first["bars"], second["bars"]), (["100.0"], ["50.0"]))
        exported = list(table.export())
        self.assertEqual(
            exported[:3], [["Task", "Done", "Median (hours)"], ["Do", "1200", "1.50"], ["Other", "600", ""]]
        )
        self.assertEqual(len(exported), 1 + len(rows))
