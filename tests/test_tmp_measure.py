import sys
from collections import Counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.test_files_entered import _ROOT
from tests.test_files_entered import DesignTests as D

del D.test_saved_field
from tests.test_files_entered import DesignTests


class M(DesignTests):
    def test_measure(self):
        self.add("First")
        with CaptureQueriesContext(
            connection,
        ) as q:
            self.add("Second")
        for n, e in enumerate(q.captured_queries):
            print(n, e["sql"][:150].replace("\n", " "))
        c = Counter()
        f = Counter()
        stack = []
        cc = Counter()

        def note(frame, event, arg):
            if event == "call":
                n = frame.f_code.co_filename
                if n.startswith(_ROOT) and "/tests/" not in n and "/.venv" not in n:
                    inside = n.removeprefix(_ROOT)
                    c["/".join(inside.split("/")[:2])] += 1
                    f[inside + ":" + frame.f_code.co_name] += 1

        sys.setprofile(note)
        try:
            self.add("Third")
        finally:
            sys.setprofile(None)
        print(sum(c.values()), c.most_common())
        for k, v in f.most_common(60):
            print(v, k)
        for k in f:
            if (
                "check_definition" in k
                or "export_workflow" in k
                or ":find_problems" in k
                or ":parse_fields" in k
            ):
                print("**", k, f[k])


del DesignTests
