using System.Globalization;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage.Migrations;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Tests.State.Runs;

/// <summary>The numbers in SQL are those of the protocol.</summary>
public sealed class RunSqlTests
{
    [Fact]
    public void IsQueued_HasTheNumber() => Assert.Equal(RunSql.IsQueued, $"state = {Number(RunState.Queued)}");

    [Fact]
    public void IsRunning_HasTheNumber() => Assert.Equal(RunSql.IsRunning, $"state = {Number(RunState.Running)}");

    [Fact]
    public void IsManual_HasTheNumber() => Assert.Equal(RunSql.IsManual, $"trigger = {Number(RunTrigger.Manual)}");

    [Fact]
    public void IsActive_HasTheNumbersOfAllActiveStates()
    {
        var active = Enum.GetValues<RunState>().Where(RunStates.IsActive).Select(static state => Number(state));

        Assert.Equal(RunSql.IsActive, $"state IN ({string.Join(", ", active)})");
    }

    [Fact]
    public void IsOpenAndIsFinal_DivideTheStates()
    {
        var last = Enum.GetValues<RunState>().Where(static state => !RunStates.IsFinal(state)).Max();

        Assert.Equal(RunSql.IsOpen, $"state <= {Number(last)}");
        Assert.Equal(RunSql.IsFinal, $"+state > {Number(last)}");
        Assert.All(Enum.GetValues<RunState>().Where(RunStates.IsFinal), state => Assert.True(state > last));
    }

    /// <summary>SQLite uses a partial index only for its own condition.</summary>
    [Fact]
    public void IsOpenAndIsFinal_AreTheConditionsOfTheIndexes()
    {
        var indexes = new HistoryIndexes()
            .Sql.Split(';')
            .Where(static sql => sql.Contains("INDEX runs_", StringComparison.Ordinal) && sql.Contains("WHERE", StringComparison.Ordinal))
            .ToList();

        Assert.Contains(indexes, static sql => sql.TrimEnd().EndsWith($"WHERE {RunSql.IsOpen}", StringComparison.Ordinal));
        Assert.Contains(indexes, static sql => sql.TrimEnd().EndsWith($"WHERE {RunSql.IsFinal}", StringComparison.Ordinal));
    }

    private static string Number<T>(T value)
        where T : struct, Enum => Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
