"""The metrics: a registration here and a template in ``templates/metrics`` each.

A template gives one row per group (a window of a slice) and, for metrics of columns, column: ``value``,
``n_reference``, ``n_current``, ``origin`` (the value without any drift), ``unit`` and ``sampling_bound``. The layout
around it, ``templates/monitoring/measure.sql.j2``, is the same for all and gives the status:

- ``insufficient``: no value, fewer rows than ``minimum`` now, or (drift) in the baseline, or nothing to compare with.
- ``alert``, ``warn``: the value left ``origin`` in a bad direction by at least ``alert`` or ``warn`` times ``unit``,
  **and** by more than ``sampling_bound``, which chance exceeds in about 5 % of windows.
- ``ok``: otherwise, and for performance that has no baseline to compare with.

The column ``threshold`` is the value at which the status turned, or would turn to ``warn``: it compares with ``value``
directly.

Why these defaults. Large windows make the smallest change significant, and small ones make noise look large; so every
metric has both a size that matters in practice and a bound on chance, and one alone never raises a status.

- psi: .10 and .25, the customary limits; bound χ²(B−1, .95)·(1/n+1/m).
- null_rate: 2 and 10 percentage points, up or down (an input that is suddenly always filled has changed as well). Two
  points move a mean that was imputed by a visible amount; ten are a broken feed. Bound: z-test of two shares.
- unseen_rate, out_of_range_rate: 1 % and 5 % of rows: the model was never shown such values, so it takes fewer of them.
  Bound 3·(1/n+1/m), after the rule of three.
- refused_rate: 1 and 5 percentage points more than in the baseline: these rows have no score at all.
- mean: .2 and .5 baseline deviations, Cohen's small and medium effect. Bound: Welch's z.
- sd: 25 % and 50 % of the baseline's. Bound from the baseline's kurtosis, for heavy tails make deviations jump.
- auc, accuracy, precision, recall: 5 and 10 points below the baseline's. log_loss, brier, mae, rmse: 10 % and 25 %
  above it. bias: .1 and .25 times the baseline's RMSE away from the baseline's bias. The baseline is often the training
  data, on which a model looks too good; narrower limits would alert on that alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sqlops.monitoring.watch import Kind, Task, Watch


class Scope(StrEnum):
    """What a metric has a value for, in each group."""

    COLUMN = "column"
    ROWS = "rows"
    LABEL = "label"


class Direction(StrEnum):
    """Where a value gets worse."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


_CLASSIFIERS = frozenset({Task.BINARY, Task.MULTICLASS})
_LABELLED = frozenset({Task.BINARY, Task.MULTICLASS, Task.REGRESSION})


@dataclass(frozen=True, slots=True)
class Metric:
    """A registered metric; its template is ``templates/metrics/<name>.sql.j2``.

    Parameters
    ----------
    name : str
    scope : Scope
        Columns, whole rows, or rows with a label.
    warn, alert : float or None
        How many units away from the origin the status turns; None: never.
    direction : Direction
    minimum : int
        Fewer rows are not enough.
    kinds : frozenset of Kind
        For columns: which of them.
    tasks : frozenset of Task
        For labels: which models.
    needs : frozenset of str
        What the model must give: ``prediction``, ``probabilities``, ``ranking``.
    unit : str
        For labels: the statistic of the baseline in which the limits are measured; empty for 1.
    has_reference : bool
        Whether there is something in the baseline to compare with.
    """

    name: str
    scope: Scope
    warn: float | None = None
    alert: float | None = None
    direction: Direction = Direction.UP
    minimum: int = 1
    kinds: frozenset[Kind] = frozenset(Kind)
    tasks: frozenset[Task] = _LABELLED
    needs: frozenset[str] = field(default_factory=frozenset)
    unit: str = ""
    has_reference: bool = True

    def applies(self, subject: Watch) -> bool:
        """Whether a model has this metric."""
        if self.scope is Scope.COLUMN:
            return any(column.kind in self.kinds for column in subject.columns)
        if self.scope is Scope.ROWS:
            return True
        available = {
            "prediction": subject.prediction is not None,
            "probabilities": bool(subject.probabilities),
            "ranking": subject.ranking is not None,
        }
        return subject.task in self.tasks and all(available[need] for need in self.needs)


METRICS: dict[str, Metric] = {}


def register(metric: Metric) -> Metric:
    """Add a metric; the order of registration is the order of computation."""
    METRICS[metric.name] = metric
    return metric


def metrics_of(subject: Watch, *scopes: Scope) -> tuple[Metric, ...]:
    """Return the metrics of some scopes that a model has."""
    return tuple(metric for metric in METRICS.values() if metric.scope in scopes and metric.applies(subject))


_NUMBERS = frozenset({Kind.NUMBER})
_CATEGORIES = frozenset({Kind.CATEGORY})
_BINARY, _MULTICLASS = frozenset({Task.BINARY}), frozenset({Task.MULTICLASS})
_REGRESSION = frozenset({Task.REGRESSION})
_PREDICTION, _PROBABILITIES = frozenset({"prediction"}), frozenset({"probabilities"})
_RANKING = frozenset({"ranking"})

register(Metric("n_rows", Scope.ROWS, has_reference=False))
register(Metric("refused_rate", Scope.ROWS, 0.01, 0.05, minimum=30))
register(Metric("null_rate", Scope.COLUMN, 0.02, 0.10, Direction.BOTH, 30))
register(Metric("unseen_rate", Scope.COLUMN, 0.01, 0.05, Direction.UP, 30, kinds=_CATEGORIES))
register(Metric("out_of_range_rate", Scope.COLUMN, 0.01, 0.05, Direction.UP, 30, kinds=_NUMBERS))
register(Metric("psi", Scope.COLUMN, 0.10, 0.25, Direction.UP, 100))
register(Metric("mean", Scope.COLUMN, 0.2, 0.5, Direction.BOTH, 30, kinds=_NUMBERS))
register(Metric("sd", Scope.COLUMN, 0.25, 0.5, Direction.BOTH, 30, kinds=_NUMBERS))

register(Metric("label_coverage", Scope.LABEL, has_reference=False))
register(Metric("n", Scope.LABEL, has_reference=False))
register(Metric("auc", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_BINARY, needs=_RANKING))
register(Metric("auc_ovr_macro", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_MULTICLASS, needs=_PROBABILITIES))
register(
    Metric("log_loss", Scope.LABEL, 0.10, 0.25, minimum=30, tasks=_CLASSIFIERS, needs=_PROBABILITIES, unit="log_loss")
)
register(Metric("brier", Scope.LABEL, 0.10, 0.25, minimum=30, tasks=_CLASSIFIERS, needs=_PROBABILITIES, unit="brier"))
register(Metric("accuracy", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_CLASSIFIERS, needs=_PREDICTION))
register(Metric("precision", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_BINARY, needs=_PREDICTION))
register(Metric("recall", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_BINARY, needs=_PREDICTION))
register(Metric("precision_macro", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_MULTICLASS, needs=_PREDICTION))
register(Metric("recall_macro", Scope.LABEL, 0.05, 0.10, Direction.DOWN, 30, tasks=_MULTICLASS, needs=_PREDICTION))
register(Metric("mae", Scope.LABEL, 0.10, 0.25, minimum=30, tasks=_REGRESSION, needs=_PREDICTION, unit="mae"))
register(Metric("rmse", Scope.LABEL, 0.10, 0.25, minimum=30, tasks=_REGRESSION, needs=_PREDICTION, unit="rmse"))
register(Metric("bias", Scope.LABEL, 0.10, 0.25, Direction.BOTH, 30, tasks=_REGRESSION, needs=_PREDICTION, unit="rmse"))
