using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Grpc.Core;

namespace Fleet.Cli.Tests.Connection;

public sealed class CallFailureTests
{
    private static readonly Uri Address = new("https://fleet:7443");

    [Fact]
    public void From_PingsThatNobodyAnswered_IsNotReachable()
    {
        // What the HTTP/2 client makes of a path that died without a word.
        var lost = new IOException(
            "The request was aborted.", new HttpProtocolException(0x1, "The HTTP/2 server didn't respond to a ping request.", null));
        var failure = CallFailure.From(
            new RpcException(new Grpc.Core.Status(StatusCode.Internal, "Error starting gRPC call.", lost)),
            Address,
            TimeSpan.FromMinutes(1));
        Assert.Equal(ExitCode.NotReachable, failure.ExitCode);
        Assert.StartsWith("https://fleet:7443 cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_InternalByTheCoordinator_IsABug()
    {
        var failure = CallFailure.From(
            new RpcException(new Grpc.Core.Status(StatusCode.Internal, "it broke")), Address, TimeSpan.FromMinutes(1));
        Assert.Equal(ExitCode.Bug, failure.ExitCode);
    }
}
