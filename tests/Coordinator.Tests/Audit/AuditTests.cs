using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Audit;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task ListAudit_AfterAStory_TellsWhoFromWhereWhatAndOutcomeWithoutSecrets()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var token = await coordinator.JoinTokenAsync(static r => r.Note = "for the nas");
        var host = await coordinator.EnrolHostAsync("nas", token);
        var viewer = await coordinator.AdminService.CreateOperatorAsync(new CreateOperatorRequest { Name = "eve", Role = Role.Viewer });
        var eve = new AdminService.AdminServiceClient(coordinator.Connect(bearerToken: viewer.BearerToken));
        await Assert.ThrowsAsync<RpcException>(() => eve.RemoveHostAsync(new RemoveHostRequest { Host = "nas" }).ResponseAsync);
        await coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "nas", Reason = "sold\u001b[2J\nfake entry" });
        await Assert.ThrowsAsync<RpcException>(() =>
            coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "nas" }).ResponseAsync);

        var entries = (await coordinator.AdminService.ListAuditAsync(new ListAuditRequest())).Entries;

        Assert.Equal(
            [
                ("operator:admin", "RemoveHost", "nas", "NOT_FOUND NOT_FOUND"),
                ("operator:admin", "RemoveHost", "nas", "OK"),
                ("operator:eve", "RemoveHost", "nas", "PERMISSION_DENIED ROLE_TOO_LOW"),
                ("operator:admin", "CreateOperator", "eve", "OK"),
                ($"token:{token.Split('.')[1]}", "Enroll", "nas", "OK"),
                ("operator:admin", "CreateJoinToken", token.Split('.')[1], "OK"),
            ],
            entries.Select(static e => (e.Who, e.What[(e.What.LastIndexOf('/') + 1)..], e.Subject, e.Outcome)));
        Assert.All(entries, static e => Assert.Equal("127.0.0.1", e.From.Replace("::1", "127.0.0.1", StringComparison.Ordinal)));
        Assert.Contains("sold\\u001b[2J\\u000afake entry", entries[1].Detail, StringComparison.Ordinal);
        Assert.Contains("for the nas", entries[^1].Detail, StringComparison.Ordinal);
        var all = entries.ToString();
        Assert.DoesNotContain(token.Split('.')[2], all, StringComparison.Ordinal);
        Assert.DoesNotContain(viewer.BearerToken.Split('.')[2], all, StringComparison.Ordinal);

        var ofEve = (await coordinator.AdminService.ListAuditAsync(new ListAuditRequest { Who = "eve" })).Entries;
        Assert.Equal("operator:eve", Assert.Single(ofEve).Who);
        Assert.NotEmpty(host.HostId);
    }

    [Fact]
    public async Task ListAudit_ByPages_ShowsEachEntryOnceNewestFirst()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await coordinator.JoinTokenAsync();
        }

        var sequences = new List<long>();
        var request = new ListAuditRequest { PageSize = 2 };
        do
        {
            var page = await coordinator.AdminService.ListAuditAsync(request);
            sequences.AddRange(page.Entries.Select(static e => e.Sequence));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal([5, 4, 3, 2, 1], sequences);
    }

    [Fact]
    public void TryTake_MoreDeniedCallsThanTheBudget_AreCountedInsteadOfWritten()
    {
        var clock = new FakeTimeProvider();
        var budget = new StrangerBudget(AuditLog.DeniedPerAddressAndMinute, AuditLog.DeniedPerMinute, clock);
        var written = Enumerable.Range(0, 1_000).Count(_ => budget.TryTake("192.0.2.1", out var _));
        var fromEverywhere = Enumerable.Range(0, 10_000).Count(i => budget.TryTake($"address{i}", out var _));

        Assert.Equal(AuditLog.DeniedPerAddressAndMinute, written);
        Assert.Equal(AuditLog.DeniedPerMinute - AuditLog.DeniedPerAddressAndMinute, fromEverywhere);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(budget.TryTake("192.0.2.1", out var leftOut));
        Assert.Equal(10_000 - fromEverywhere, leftOut);
    }

    [Fact]
    public async Task Prune_BeyondAgeOrNumber_DropsTheOldestOnly()
    {
        await using var fixture = new Metrics.MetricFixture();
        for (var i = 0; i < 10; i++)
        {
            await fixture.Store.WriteAsync(transaction => AuditStore.Append(
                transaction, new AuditRecord("operator:a", "192.0.2.1", "/x/Y", "", "OK", "")));
            fixture.Clock.Advance(TimeSpan.FromHours(1));
        }

        await fixture.Store.WriteAsync(transaction => AuditStore.Prune(transaction, transaction.Now - TimeSpan.FromHours(8), 100));
        Assert.Equal([10, 9, 8, 7, 6, 5, 4, 3], await SequencesAsync());
        await fixture.Store.WriteAsync(transaction => AuditStore.Prune(transaction, transaction.Now - TimeSpan.FromDays(8), 2));
        Assert.Equal([10, 9], await SequencesAsync());

        Task<List<long>> SequencesAsync() => fixture.Store.ReadAsync(
            static reader => AuditStore.Page(reader, "", long.MaxValue, 100).Select(static e => e.Sequence).ToList());
    }

    [Theory]
    [InlineData("plain ä", "plain ä")]
    [InlineData("a\nb", "a\\u000ab")]
    [InlineData("a\\nb", "a\\\\nb")]
    [InlineData("\u202etxt.exe", "\\u202etxt.exe")]
    public void Escape_HostileText_IsSafeToShow(string text, string expected) => Assert.Equal(expected, EscapedText.Escape(text, 100));

    [Fact]
    public void Escape_LoneSurrogate_IsReplaced() => Assert.Equal("\ufffdx", EscapedText.Escape("\ud800x", 100));

    [Fact]
    public void Escape_LongText_IsCut() => Assert.Equal(11, EscapedText.Escape(new string('x', 1_000), 10).Length);
}
