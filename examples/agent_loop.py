"""A model that works with TicketFlower over MCP: `python3 examples/agent_loop.py "what it is to do"`.

It takes any endpoint that speaks OpenAI's chat completions, and asks before it calls a tool that is marked as
destructive. Needs the packages `mcp` and `httpx2`, as the server itself. From the environment:

    OPENAI_BASE_URL      such as http://127.0.0.1:11434/v1
    OPENAI_API_KEY       if the endpoint wants one
    OPENAI_MODEL         the name of the model
    TICKETFLOWER_MCP     the address of the server, by default http://127.0.0.1:8001/mcp
    TICKETFLOWER_TOKEN   a token of the person for whom it works
"""

import argparse
import asyncio
import base64
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    INTERNAL_ERROR,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
    Tool,
)

Json = dict[str, Any]
READ = "read_resource"
MOST_TURNS = 40
SECONDS = 120.0
LONGEST_RESULT = 50_000
"""In characters: what a model can read at once is limited."""

May = Callable[[str, Json], bool]
"""Says whether a destructive tool may be called with these arguments."""


class FailedError(Exception):
    """The server or the model did not answer; the text is for the person."""


@dataclass(frozen=True)
class Endpoint:
    """Where the model is, and which."""

    url: str
    key: str
    model: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Endpoint":
        """Return the endpoint that the variables name. Raise KeyError without an address or a model."""
        url = variables["OPENAI_BASE_URL"].rstrip("/")
        return cls(url, variables.get("OPENAI_API_KEY", ""), variables["OPENAI_MODEL"])


class Agent:
    """A model with the tools of a server."""

    def __init__(self, client: Client, http: httpx2.AsyncClient, endpoint: Endpoint, *, may: May) -> None:
        self._client, self._http, self._endpoint, self._may = client, http, endpoint, may
        self._tools: dict[str, Tool] = {}

    async def work(self, order: str) -> str:
        """Let the model work on the order until it calls no more tools, and return what it says then."""
        self._tools = {tool.name: tool for tool in (await self._client.list_tools()).tools}
        resources = (await self._client.list_resources()).resources
        self._tools[READ] = reading_tool({each.uri: each.description or each.name for each in resources})
        messages: list[Json] = [
            {"role": "system", "content": self._client.instructions or ""},
            {"role": "user", "content": order},
        ]
        for _turn in range(MOST_TURNS):
            said = await self._ask(messages)
            messages.append(said)
            calls = said.get("tool_calls") or []
            if not calls:
                return str(said.get("content") or "")
            for call in calls:
                content = await self._call(call["function"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
        return f"The model was not done after {MOST_TURNS} turns."

    async def _ask(self, messages: Sequence[Json]) -> Json:
        tools = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.input_schema,
                },
            }
            for tool in self._tools.values()
        ]
        response = await self._http.post(
            f"{self._endpoint.url}/chat/completions",
            json={"model": self._endpoint.model, "messages": messages, "tools": tools},
            headers={"Authorization": f"Bearer {self._endpoint.key}"} if self._endpoint.key else {},
        )
        response.raise_for_status()
        answer: Json = response.json()["choices"][0]["message"]
        return answer

    async def _call(self, function: Json) -> str:
        """Call a tool and return what the model reads of it: the result, or why there is none."""
        name = function["name"]
        try:
            arguments = json.loads(function["arguments"] or "{}")
        except ValueError:
            return "The arguments are not JSON."
        tool = self._tools.get(name)
        if tool is None:
            return f"There is no tool {name}."
        if tool.annotations and tool.annotations.destructive_hint and not self._may(name, arguments):
            return "The person did not allow this call."
        try:
            if name == READ:
                contents = (await self._client.read_resource(str(arguments.get("uri")))).contents
                texts = [each.text for each in contents if isinstance(each, TextResourceContents)]
                return shortened("\n".join(texts))
            return text_of(await self._client.call_tool(name, arguments))
        except MCPError as error:
            return describe(error)


def reading_tool(resources: Mapping[str, str]) -> Tool:
    """Return a tool of our own that reads resources, given as addresses and descriptions."""
    schema = {"type": "object", "properties": {"uri": {"enum": [*resources]}}, "required": ["uri"]}
    lines = [f"{uri}: {description}" for uri, description in resources.items()]
    return Tool(name=READ, description="\n".join(["Read one of these:", *lines]), input_schema=schema)


def text_of(result: CallToolResult) -> str:
    """Return the texts of a result, and how large its files are."""
    return shortened("\n".join(map(_text_of_part, result.content)))


def _text_of_part(part: ContentBlock) -> str:
    if isinstance(part, TextContent):
        return part.text
    if isinstance(part, ImageContent):
        return _size_of(part.data)
    if isinstance(part, EmbeddedResource) and isinstance(part.resource, BlobResourceContents):
        return _size_of(part.resource.blob)
    return f"[{part.type}]"


def _size_of(file: str) -> str:
    return f"[file, {len(base64.b64decode(file))} bytes]"


def shortened(text: str) -> str:
    """Return the text, or the beginning of one that is too long, and that it was cut."""
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}\n[Cut here: {LONGEST_RESULT} of {len(text)} characters. Ask for less.]"


def describe(error: Exception) -> str:
    """Return what a person, or a model, can do about an error."""
    if isinstance(error, httpx2.HTTPStatusError):
        return f"{error.request.url.host} answered {error.response.status_code}."
    if isinstance(error, httpx2.RequestError):
        return f"{error.request.url.host} did not answer: {str(error) or type(error).__name__}"
    if isinstance(error, MCPError) and error.code == INTERNAL_ERROR:  # how the client tells a status of HTTP
        return f"{error}. The token may have ended, or has made too many requests: then wait a minute."
    return str(error)


def ask_person(name: str, arguments: Json) -> bool:
    """Ask at the terminal whether a tool may be called."""
    answer = input(f"{name} {json.dumps(arguments, ensure_ascii=False)} : allow? [y/N] ")
    return answer.strip().lower() == "y"


async def work(order: str, variables: Mapping[str, str], *, may: May) -> str:
    """Return what the model says when it is done with the order.

    Raise KeyError without a variable, and FailedError if the server or the model does not answer.
    """
    endpoint = Endpoint.from_environment(variables)
    headers = {"Authorization": f"Bearer {variables['TICKETFLOWER_TOKEN']}"}
    address = variables.get("TICKETFLOWER_MCP", "http://127.0.0.1:8001/mcp")
    problem = ""
    try:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=SECONDS) as to_server,
            httpx2.AsyncClient(timeout=SECONDS) as to_model,
            Client(streamable_http_client(address, http_client=to_server)) as client,
        ):
            return await Agent(client, to_model, endpoint, may=may).work(order)
    except* (MCPError, httpx2.HTTPError) as errors:  # errors of tasks come in groups
        problem = describe(first_of(errors))
    raise FailedError(problem)


def first_of(errors: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error in a group of groups."""
    first = errors.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


def main() -> None:
    """Read the command line, work, and print what the model says in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("order", help="what the model is to do, in plain words")
    parser.add_argument("--allow-all", action="store_true", help="ask before no tool")
    options = parser.parse_args()
    try:
        said = asyncio.run(
            work(options.order, os.environ, may=(lambda *_call: True) if options.allow_all else ask_person)
        )
    except KeyError as missing:
        sys.exit(f"Set {missing.args[0]}.")
    except FailedError as failed:
        sys.exit(str(failed))
    print(said)  # noqa: T201


if __name__ == "__main__":
    main()
