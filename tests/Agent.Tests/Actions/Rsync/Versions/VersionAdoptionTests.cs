using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync.Versions;

/// <summary>Dated trees of a policy that was renamed or deleted. Real rsync.</summary>
public sealed partial class VersionAdoptionTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public VersionAdoptionTests() => _tree.Shell("mkdir src; for i in {1..20}; do echo $i > src/$i; done");

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task RenamedPolicy_NamesTheOldTrees_AndLeavesThemAlone()
    {
        await GrowAsync("old", 3);
        Has("new");

        var result = await RunAsync("new", 3, r => r.KeepVersions = 1);
        var again = await RunAsync("new", 4, r => r.KeepVersions = 1);

        Assert.Equal((ActionOutcome.Succeeded, ActionOutcome.Succeeded), (result.Outcome, again.Outcome));
        var note = Assert.Single(again.Details, d => d.Contains("policy old", StringComparison.Ordinal));
        Assert.StartsWith("3 tree(s) of policy old, which this host no longer has, stay here.", note, StringComparison.Ordinal);
        Assert.Contains($"fleet run new --host test --confirm {Digits(note)}", note, StringComparison.Ordinal);
        Assert.Contains("fleet_old_*", note, StringComparison.Ordinal);
        Assert.Equal(3, Trees("old"));
    }

    [Fact]
    public async Task Confirmed_OldTreesAreThePolicys_ServeAsBaseAndAreThinned()
    {
        await GrowAsync("old", 6);
        Has("new");
        var asked = await RunAsync("new", 6, r => (r.KeepVersions, r.DryRun) = (1, true));

        var adopted = await RunAsync("new", 6, r => (r.KeepVersions, r.Confirmation) = (1, Digits(asked.Details)));

        Assert.Contains("6 tree(s) of policy old now belong to this policy", adopted.Details);
        Assert.DoesNotContain(adopted.Details, d => d.Contains("no longer has", StringComparison.Ordinal));
        Assert.Equal("1\n", _tree.Shell("stat -c %i dst/fleet_*/7 | sort -u | wc -l"));

        // Most of the trees would go, which a person has to see first; the digits are others.
        Assert.Equal((ActionOutcome.Failed, 5, 6), (adopted.Outcome, adopted.RsyncPlan.WouldDelete, Trees("old")));
        var confirmed = await RunAsync("new", 7, r => (r.KeepVersions, r.Confirmation) = (1, adopted.RsyncPlan.Confirmation));
        Assert.True(confirmed.Outcome == ActionOutcome.Succeeded, confirmed.ToString());
        Assert.Equal(0, Trees("old"));
    }

    [Fact]
    public async Task PolicyOfThisHost_ItsTreesAreNotOffered()
    {
        await GrowAsync("old", 2);
        Has("new");
        var asked = await RunAsync("new", 2, r => r.DryRun = true);
        Has("new", "old");

        var result = await RunAsync("new", 2, r => r.Confirmation = Digits(asked.Details));

        Assert.DoesNotContain(result.Details, d => d.Contains("policy old", StringComparison.Ordinal));
        Assert.Contains("\"policy\": \"old\"", _tree.Read($"dst/.fleet/{Name("old", 0)}.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AssignmentIsNotKnown_NothingIsOffered()
    {
        await GrowAsync("old", 1);
        Assert.DoesNotContain((await RunAsync("new", 1, r => r.DryRun = true)).Details, d =>
            d.Contains("policy old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DigitsOfAnotherSetOfTrees_AdoptNothing()
    {
        await GrowAsync("old", 2);
        Has("new");
        var asked = await RunAsync("new", 2, r => r.DryRun = true);
        await RunAsync("old", 3);

        await RunAsync("new", 4, r => r.Confirmation = Digits(asked.Details));

        Assert.Contains("\"policy\": \"old\"", _tree.Read($"dst/.fleet/{Name("old", 0)}.json"), StringComparison.Ordinal);
    }

    [GeneratedRegex("--confirm ([0-9a-f]{16})")]
    private static partial Regex Confirm();

    private static string Digits(string note) => Confirm().Match(note).Groups[1].Value;

    private static string Digits(IEnumerable<string> details) =>
        Digits(Assert.Single(details, d => d.Contains("no longer has", StringComparison.Ordinal)));

    private static string Name(string policy, int hour) => $"fleet_{policy}_{TestRun.Instant.AddHours(hour):yyyyMMdd'T'HHmmss'Z'}";

    private int Trees(string policy) => Directory.GetDirectories(_tree.At("dst"), $"fleet_{policy}_*").Length;

    private void Has(params string[] policies) =>
        _host.Assigned = Assigned.Of(
            new Assignment
            {
                Revision = 1,
                Policies =
                {
                    policies.Select(p => new AssignedPolicy
                    {
                        Revision = 1,
                        Spec = new PolicySpec { Name = p, Action = TestRun.Rsync(RsyncMode.Versions, "/a", "/b") },
                    }),
                },
            });

    private async Task GrowAsync(string policy, int trees)
    {
        for (var hour = 0; hour < trees; hour++)
        {
            var result = await RunAsync(policy, hour, r => r.KeepVersions = 50);
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }
    }

    private Task<ActionResult> RunAsync(string policy, int hour, Action<RsyncAction>? change = null)
    {
        _host.SetClock(TestRun.Instant.AddHours(hour));
        return _host.Action.RunAsync(
            TestRun.For(
                TestRun.Rsync(RsyncMode.Versions, _tree.At("src"), _tree.At("dst"), change),
                at: TestRun.Instant.AddHours(hour),
                policy: policy),
            CancellationToken.None);
    }
}
