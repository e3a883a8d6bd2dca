"""Prompts: tasks that a person can give to a model with the tools, worded to lead to a sound workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

_DESIGN: Final = """\
Design a TicketFlower workflow from this description:

<description>
{description}
</description>

1. Read the resources ticketflower://docs/engine-in-short and ticketflower://docs/workflow-format, and
   ticketflower://names for the roles, connections and chats that you may name. Look at list_templates: if a
   workflow of the gallery comes close, begin with read_template.
2. Before you write, list for yourself: what the ticket asks for, who does what after it, each decision with
   what follows from each of its answers, and how it can end. If the description leaves open who decides or
   what follows, ask.
3. Write the workflow file. Give it two or three scenarios: the usual way, a refusal, and a correction if
   there is one.
4. Call check_workflow. Each finding names a place and a fix. Apply the fixes and check again until there
   are no findings. If a finding is about something intended, ask, then add it to “accepted” with the reason.
5. Call create_draft, then play_workflow with the moves of the usual way, and say in a few sentences what
   happens, in the words of the description and without names of fields.
6. Do not publish. Say where the draft is, and that a person publishes it.
"""

_FIX: Final = """\
Fix what the check found in draft {workflow_id} of a TicketFlower workflow.

1. Call read_workflow_file and note the etag. Call read_workflow_report.
2. Fix errors first. Each finding has a pointer into the file, a message, and a fix that says what to write
   there. Change as little as possible: leave parts without findings as they are.
3. A finding with a counterexample lists moves that lead to it. Call play_workflow with these moves to see
   the resulting state. If the draft is intended to work like this, do not change it: ask, then add the
   finding to “accepted” with the reason.
4. Check the changed file with check_workflow until there are no findings, then call replace_draft with the
   etag as if_match. If the draft has changed in the meantime (412), read it again and start over.
5. Say what you changed and why, in a few sentences. Do not publish.
"""


class PromptRefusedError(Exception):
    """There is no such prompt, or it lacks an argument; the text says which."""


class _Template(NamedTuple):
    prompt: Prompt
    text: str


_PROMPTS: Final[Mapping[str, _Template]] = {
    "design_workflow": _Template(
        Prompt(
            name="design_workflow",
            title="Design a workflow from a sentence",
            description="Design a workflow from a description in plain words, and store a checked draft.",
            arguments=[
                PromptArgument(
                    name="description",
                    description="What people request, who decides, and what follows.",
                    required=True,
                )
            ],
        ),
        _DESIGN,
    ),
    "fix_findings": _Template(
        Prompt(
            name="fix_findings",
            title="Fix what the check found",
            description="Fix the findings of the check in a draft, and replace the draft.",
            arguments=[PromptArgument(name="workflow_id", description="Id of the draft.", required=True)],
        ),
        _FIX,
    ),
}


def list_prompts() -> list[Prompt]:
    """Return the prompts."""
    return [each.prompt for each in _PROMPTS.values()]


def fill_prompt(name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    """Return the prompt with its arguments. Raise PromptRefusedError."""
    template = _PROMPTS.get(name)
    if template is None:
        raise PromptRefusedError(f"There is no prompt {name}.")
    names = [each.name for each in template.prompt.arguments or ()]
    if missing := [each for each in names if not arguments.get(each, "").strip()]:
        raise PromptRefusedError(f"The argument {missing[0]} is missing.")
    text = template.text.format_map({each: arguments[each] for each in names})
    return GetPromptResult(
        description=template.prompt.description,
        messages=[PromptMessage(role="user", content=TextContent(text=text))],
    )
