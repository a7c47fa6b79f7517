"""Examples for OpenAPI, each in Chinese and English."""

from typing import Any

Examples = dict[str, Any]


def both(zh: Any, en: Any) -> Examples:
    """The two examples of a request body."""
    return {"zh": {"summary": "中文", "value": zh}, "en": {"summary": "English", "value": en}}


def answer(zh: dict[str, Any], en: dict[str, Any]) -> dict[int | str, Any]:
    """The two examples of an answer, as the `responses` of a route."""
    return {200: {"content": {"application/json": {"examples": both(zh, en)}}}}
