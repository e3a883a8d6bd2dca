"""What the programs under examples/ make of answers, without a site."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from unittest import TestCase

from mcp_types import BlobResourceContents, CallToolResult, EmbeddedResource, ImageContent, TextContent

from examples.agent_loop import LONGEST_RESULT, shortened, text_of, work
from examples.client import seconds_of


class AgentLoopTests(TestCase):
    """What a model reads."""

    def test_files_are_named_with_their_size(self) -> None:
        data = base64.b64encode(b"12345").decode()
        blob = BlobResourceContents(uri="ticketflower://file", blob=data, mime_type="application/pdf")
        result = CallToolResult(
            content=[
                TextContent(text="Two files:"),
                ImageContent(data=data, mime_type="image/png"),
                EmbeddedResource(resource=blob),
            ]
        )
        self.assertEqual(text_of(result), "Two files:\n[file, 5 bytes]\n[file, 5 bytes]")

    def test_what_is_cut_says_so(self) -> None:
        longest = "x" * LONGEST_RESULT
        self.assertEqual(shortened(longest), longest)
        cut = text_of(CallToolResult(content=[TextContent(text=f"{longest}yz")]))
        said = cut.removeprefix(longest)
        self.assertEqual(
            said, f"\n[Cut here: {LONGEST_RESULT} of {LONGEST_RESULT + 2} characters. Ask for less.]"
        )

    def test_a_variable_that_is_missing_is_named_before_anything_is_asked(self) -> None:
        variables = {"OPENAI_BASE_URL": "http://127.0.0.1/v1", "TICKETFLOWER_TOKEN": "tf_1"}
        with self.assertRaisesRegex(KeyError, "OPENAI_MODEL"):
            asyncio.run(work("Ask", variables, may=lambda *_call: False))


class ClientTests(TestCase):
    """How long the client waits."""

    def test_retry_after(self) -> None:
        now = datetime.now(UTC)
        for header, least, most in (
            ("7", 7, 7),
            (format_datetime(now + timedelta(minutes=5), usegmt=True), 200, 300),
            (format_datetime(now + timedelta(minutes=5)).replace("+0000", "-0000"), 200, 300),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
            ("", 0, 0),
            ("soon", 0, 0),
            ("-5", 0, 0),
            ("inf", 0, 0),
            ("\u0663", 0, 0),
        ):
            with self.subTest(header):
                seconds = seconds_of(header)
                self.assertTrue(least <= seconds <= most, seconds)
