"""Classes that cannot be SQL, and why: the answer of a row is no function of the row and the fitted state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a class is refused.

    Parameters
    ----------
    why : str
        In a few words, after a colon.
    instead : str
        What would work.
    row_wise : bool
        Whether the answer for a row is nevertheless a function of that row of a table and the fitted state.
    """

    why: str
    instead: str
    row_wise: bool


def _refused(why: str, instead: str, *class_names: str, row_wise: bool = False) -> dict[tuple[str, str], Reason]:
    return {("sklearn", name): Reason(why, instead, row_wise) for name in class_names}


REFUSED: dict[tuple[str, str], Reason] = {
    **_refused(
        "it hashes tokens with MurmurHash3, which engines do not have, into a million columns",
        "CountVectorizer, TfidfVectorizer and DictVectorizer keep a vocabulary; max_features limits it",
        "FeatureHasher",
        "HashingVectorizer",
        row_wise=True,
    ),
    **_refused(
        "each of its rows is a set of labels, and no column holds one",
        "one column of booleans per label",
        "MultiLabelBinarizer",
    ),
    **_refused(
        "it cuts images, which are no table",
        "extract features of the images before the model, in the source",
        "PatchExtractor",
    ),
    **_refused(
        "its transform runs an iterative solver for each row",
        "TruncatedSVD projects counts with a formula",
        "LatentDirichletAllocation",
        row_wise=True,
    ),
    **_refused(
        "its transform runs an iterative solver that stops for all rows of a batch together",
        "PCA, TruncatedSVD, FactorAnalysis, FastICA and SparsePCA project with a formula",
        "MiniBatchNMF",
        "NMF",
    ),
    **_refused(
        "its transform solves a system of linear equations for each row",
        "KernelPCA and Nystroem embed with a formula",
        "LocallyLinearEmbedding",
        row_wise=True,
    ),
    **_refused(
        "it groups the rows it was fitted on and has no predict for new ones",
        "KMeans, Birch, MeanShift and GaussianMixture have one; or fit a classifier on the labels_",
        "AgglomerativeClustering",
        "DBSCAN",
        "HDBSCAN",
        "OPTICS",
        "SpectralBiclustering",
        "SpectralClustering",
        "SpectralCoclustering",
    ),
    **_refused(
        "it embeds the rows it was fitted on and has no transform for new ones",
        "PCA, KernelPCA and Nystroem have one",
        "ClassicalMDS",
        "MDS",
        "SpectralEmbedding",
        "TSNE",
    ),
    **_refused(
        "it estimates a covariance and has nothing to compute for a row",
        "EllipticEnvelope scores rows by their Mahalanobis distance",
        "EmpiricalCovariance",
        "GraphicalLasso",
        "GraphicalLassoCV",
        "LedoitWolf",
        "MinCovDet",
        "OAS",
        "ShrunkCovariance",
    ),
    **_refused(
        "it finds the training rows next to a row, and has neither predict nor transform",
        "KNeighborsClassifier, KNeighborsRegressor and LocalOutlierFactor say something about the row",
        "NearestNeighbors",
    ),
    **_refused(
        "its transform needs the geodesic distances to all training rows, a table of their number squared",
        "PCA, KernelPCA and Nystroem embed new rows with a formula of the row",
        "Isomap",
        row_wise=True,
    ),
}
