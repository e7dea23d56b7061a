"""From a Program to a Plan: a chain of stages over the source and a relation of constants."""

from sqlops.lowering.fragments import STRATEGIES, Strategy
from sqlops.lowering.lower import lower, lower_whole
from sqlops.lowering.plan import ConstantArray, Plan, Stage, StageColumn

__all__ = ["STRATEGIES", "ConstantArray", "Plan", "Stage", "StageColumn", "Strategy", "lower", "lower_whole"]
