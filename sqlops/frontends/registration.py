"""The table in which frontends are registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlops.frontends.containers import Takes
from sqlops.frontends.results import Features, Result

if TYPE_CHECKING:
    from sqlops.frontends.base import Context

Frontend = Callable[[Any, Features, "Context"], Result]
MethodFrontend = Callable[..., Result]
"""A Frontend with one more argument, ``method``."""

Method = Literal["predict", "transform", "score_samples"]
"""What is asked of an estimator; "predict" stands for predict_proba and decision_function too."""

METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of one class, for one method.

    Parameters
    ----------
    package : str
        Its top-level package.
    class_name : str
        Its exact class name: a subclass may do something else.
    method : {"predict", "transform", "score_samples"}
    translate : callable
        From (estimator, features, context) to a Result.
    family : str
        The heading it is listed under.
    limits : str
        Options that are not covered, in a few words; empty where all are.
    takes : {"array", "doubles", "frame"}
        What the method makes of a polars frame.
    """

    package: str
    class_name: str
    method: Method
    translate: Frontend
    family: str
    limits: str
    takes: Takes


REGISTRY: dict[tuple[str, str], dict[Method, Registration]] = {}


def frontend(
    *class_names: str,
    family: str,
    package: str = "sklearn",
    method: Method | None = None,
    limits: str = "",
    takes: Takes = "array",
) -> Callable[[Frontend], Frontend]:
    """Register a function as the frontend of classes.

    Parameters
    ----------
    *class_names : str
        Exact class names.
    family : str
        The heading in the table of what is supported.
    package : str
        The top-level package of the classes.
    method : {"predict", "transform", "score_samples"}, optional
        Which method the function translates. Needed for classes that have several; else it follows from the result.
    limits : str
        Options that are not covered.
    takes : {"array", "doubles", "frame"}
        What the method makes of a polars frame: see `sqlops.frontends.containers.Takes`.
    """

    def register(function: Frontend) -> Frontend:
        for name in class_names:
            known = REGISTRY.setdefault((package, name), {})
            key: Method = method or "predict"
            if key in known:
                raise ValueError(f"two frontends for {package}.{name}, method {key}")
            known[key] = Registration(package, name, key, function, family, limits, takes)
        return function

    return register


def frontend_of_methods(*class_names: str, family: str, limits: str = "") -> Callable[[MethodFrontend], MethodFrontend]:
    """Register a function for every method of classes that pass on what they are asked: pipelines, searches."""

    def register(function: MethodFrontend) -> MethodFrontend:
        for method in METHODS:
            register_method = frontend(*class_names, family=family, method=method, limits=limits, takes="frame")
            register_method(partial(function, method=method))
        return function

    return register
