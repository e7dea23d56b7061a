"""The registry in the warehouse: versions, deployments, promotions, score tables and events."""
