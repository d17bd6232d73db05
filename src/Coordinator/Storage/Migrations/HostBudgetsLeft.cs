namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>What each host has left of its long-term budgets: a restart must not refill them.</summary>
internal sealed class HostBudgetsLeft : IMigration
{
    public string Name => "what is left of the budgets of hosts";

    public string Sql =>
        """
        ALTER TABLE hosts ADD COLUMN durable_left INTEGER NOT NULL DEFAULT 0;    -- bytes, at budget_at
        ALTER TABLE hosts ADD COLUMN spare_runs_left INTEGER NOT NULL DEFAULT 0; -- at budget_at
        ALTER TABLE hosts ADD COLUMN budget_at INTEGER;                          -- NULL: full
        """;
}
