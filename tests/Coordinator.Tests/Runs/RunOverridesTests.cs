using Fleet.Actions;
using Fleet.Coordinator.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Runs;

public sealed class RunOverridesTests
{
    private static readonly Protocol.V1.Action Prune = new() { ZfsPrune = new ZfsPruneAction { SnapshotsOf = "hourly-data" } };
    private static readonly Protocol.V1.Action Command = new() { Command = new CommandAction { Program = "/bin/true" } };
    private static readonly Timestamp Noon = new() { Seconds = 1_800_000_000 };

    [Fact]
    public void Of_NothingAsked_IsThePolicysAction() => Assert.Same(Prune, RunOverrides.Of(Prune, new StartRunRequest()));

    [Fact]
    public void Of_ConfirmationAndTime_AreInTheRunAndNotInThePolicy()
    {
        var confirmed = RunOverrides.Of(Prune, new StartRunRequest { Confirmation = "0123456789abcdef" });
        var assumed = RunOverrides.Of(Prune, new StartRunRequest { DryRun = true, AssumedNow = Noon });

        Assert.Equal(("0123456789abcdef", false), (confirmed.ZfsPrune.Confirmation, confirmed.ZfsPrune.DryRun));
        Assert.Equal((Noon, true), (assumed.ZfsPrune.AssumedNow, assumed.ZfsPrune.DryRun));
        Assert.Equal((false, true), (confirmed.IsDryRun, assumed.IsDryRun));
        Assert.Equal("", Prune.ZfsPrune.Confirmation);
    }

    [Fact]
    public void Of_LvmPrune_CanDoTheSame()
    {
        var prune = new Protocol.V1.Action { LvmPrune = new LvmPruneAction { SnapshotsOf = "hourly-volumes" } };

        Assert.Equal(
            "0123456789abcdef",
            RunOverrides.Of(prune, new StartRunRequest { Confirmation = "0123456789abcdef" }).LvmPrune.Confirmation);
        Assert.Equal(
            "0123456789abcdef",
            RunOverrides
                .Of(new() { Rsync = new RsyncAction() }, new StartRunRequest { Confirmation = "0123456789abcdef" })
                .Rsync.Confirmation);
        var assumed = RunOverrides.Of(prune, new StartRunRequest { DryRun = true, AssumedNow = Noon });
        Assert.Equal((Noon, true, true), (assumed.LvmPrune.AssumedNow, assumed.LvmPrune.DryRun, assumed.IsDryRun));
        Assert.Throws<RpcException>(() => RunOverrides.Of(prune, new StartRunRequest { AssumedNow = Noon }));
        Assert.True(
            RunOverrides
                .Of(new Protocol.V1.Action { LvmSnapshot = new LvmSnapshotAction() }, new StartRunRequest { DryRun = true })
                .IsDryRun);
    }

    [Fact]
    public void Of_WhatTheActionCannotDo_IsRefused()
    {
        Assert.Throws<RpcException>(() => RunOverrides.Of(Command, new StartRunRequest { DryRun = true }));
        Assert.Throws<RpcException>(() => RunOverrides.Of(Command, new StartRunRequest { Confirmation = "0123456789abcdef" }));
        Assert.Throws<RpcException>(() => RunOverrides.Of(Prune, new StartRunRequest { AssumedNow = Noon }));
        Assert.Throws<RpcException>(() => RunOverrides.Of(Prune, new StartRunRequest { Confirmation = "yes" }));
        Assert.Throws<RpcException>(() => RunOverrides.Of(Command, new StartRunRequest { DryRun = true, AssumedNow = Noon }));
    }
}
