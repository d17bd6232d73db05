using System.Globalization;
using System.Text.RegularExpressions;

namespace Fleet.EndToEnd.Story;

public sealed partial class BackupStory
{
    [Fact, Trait(ChapterOrder.Chapter, "01")]
    public async Task Install_FreshMachines_ServicesRunAndAreConfined()
    {
        await estate.InstallAsync(estate.Coordinator, "fleet-coordinator");
        await estate.InstallAsync(estate.Coordinator, "fleet-cli");
        foreach (var agent in estate.Agents)
        {
            await estate.InstallAsync(agent, "fleet-agent");
        }

        await ActiveAsync(estate.Coordinator, "fleet-coordinator");
        foreach (var agent in estate.Agents)
        {
            await ActiveAsync(agent, "fleet-agent");
        }

        var user = await estate.Coordinator.RunAsync(
            "ps", "-o", "user:32=", "-p", await PropertyAsync(estate.Coordinator, "fleet-coordinator", "MainPID"));
        Assert.Equal("fleet-coordinator", user.Text.Trim());
        var listening = (await estate.Coordinator.RunAsync("ss", "-ltnpH")).Text.Split('\n')
            .Where(static line => line.Contains("fleet-coordinat", StringComparison.Ordinal))
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
        Assert.Equal(["0.0.0.0:7443", "127.0.0.1:7480"], listening.Order(StringComparer.Ordinal));
        var version = await estate.Coordinator.RunAsync("fleet-coordinator", "--version");
        Assert.Matches(@"\nOrleans 10\.\d+\.\d+, ", version.Text);
        Assert.True(await ExposureAsync(estate.Coordinator, "fleet-coordinator") <= 3.0m);
        Assert.True(await ExposureAsync(estate.Alpha, "fleet-agent") <= 6.5m);
    }

    [Fact, Trait(ChapterOrder.Chapter, "02")]
    public async Task Install_AgentWithoutIdentity_WaitsAndSaysWhatToDo()
    {
        var status = await PropertyAsync(estate.Alpha, "fleet-agent", "StatusText");
        Assert.Contains("enroll", status, StringComparison.Ordinal);
        Assert.Equal("0", await PropertyAsync(estate.Alpha, "fleet-agent", "NRestarts"));
    }

    /// <summary>What systemd-analyze(1) thinks of a unit: 0 is locked away, 10 is free to do anything.</summary>
    private static async Task<decimal> ExposureAsync(Machines.Machine machine, string unit)
    {
        var table = await machine.RunAsync("systemd-analyze", "security", "--no-pager", unit + ".service");
        var overall = OverallExposure().Match(table.Text);
        return decimal.Parse(overall.Groups["level"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Overall exposure level for \S+: (?<level>[0-9.]+) \w+")]
    private static partial Regex OverallExposure();
}
