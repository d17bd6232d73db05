using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Fleet.Coordinator.Connections;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Connections;

public sealed class CallDoorTests
{
    [Fact]
    public async Task CallWithoutIdentity_IsRefusedByItsHeaders_WhileItsBodyIsStillToCome()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var client = new HttpClient(coordinator.NewHandler());
        using var body = new UnfinishedBody(4 * 1024 * 1024, 100);

        using var response = await SendAsync(client, coordinator, "/fleet.v1.FleetService/ApplyPolicies", body);

        Assert.Equal("16", Assert.Single(response.Headers.GetValues("grpc-status")));
        Assert.Equal("NO_IDENTITY", Assert.Single(response.Headers.GetValues("fleet-reason")));
    }

    [Fact]
    public async Task AnonymousCall_WithALargeMessage_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agents = new AgentService.AgentServiceClient(coordinator.Connect());

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await agents.EnrollAsync(new EnrollRequest { CsrPem = new string('x', 100 * 1024) }));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    [Fact]
    public async Task AnonymousCall_WhoseMessageDoesNotArrive_EndsInTime()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var client = new HttpClient(coordinator.NewHandler());
        using var body = new UnfinishedBody(1_000, 100);

        using var response = await SendAsync(client, coordinator, "/fleet.v1.AgentService/Enroll", body);

        Assert.Equal("4", Assert.Single(response.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task AnonymousCalls_FromOneAddress_AreBounded()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var client = new HttpClient(coordinator.NewHandler());
        var agents = new AgentService.AgentServiceClient(coordinator.Connect());

        // Connected before those that wait: they are given up after some seconds.
        await agents.GetAuthorityAsync(new GetAuthorityRequest());
        var bodies = Enumerable.Range(0, CallsInFlight.PerAddress).Select(_ => new UnfinishedBody(1_000, 100)).ToList();
        var waiting = bodies.ConvertAll(body => SendAsync(client, coordinator, "/fleet.v1.AgentService/Enroll", body));
        await Task.WhenAll(bodies.Select(body => body.Begun));

        var refused = await Eventually.GetAsync(
            async () => (RpcException?)await Record.ExceptionAsync(async () => await agents.GetAuthorityAsync(new GetAuthorityRequest())),
            found => found is not null,
            "too many calls");

        Assert.Equal(StatusCode.ResourceExhausted, refused!.StatusCode);
        foreach (var response in await Task.WhenAll(waiting))
        {
            response.Dispose();
        }

        await agents.GetAuthorityAsync(new GetAuthorityRequest());
    }

    [Fact]
    public void TryEnter_OfOneHost_IsBounded_AndNobodyElseIs()
    {
        var calls = new CallsInFlight();
        var open = Enumerable.Range(0, CallsInFlight.PerHost).Select(_ => calls.TryEnter("host:a", isHost: true)).ToList();

        Assert.All(open, Assert.NotNull);
        Assert.Null(calls.TryEnter("host:a", isHost: true));
        Assert.NotNull(calls.TryEnter("host:b", isHost: true));
        open[0]!.Dispose();
        open[0]!.Dispose();
        Assert.NotNull(calls.TryEnter("host:a", isHost: true));
        Assert.Null(calls.TryEnter("host:a", isHost: true));
    }

    [Fact]
    public void TryEnter_Strangers_AreBoundedInAll()
    {
        var calls = new CallsInFlight();

        var open = Enumerable
            .Range(0, 2 * CallsInFlight.InAll)
            .Count(i => calls.TryEnter(new IPAddress([10, 0, (byte)(i / 250), (byte)(i % 250)])) is not null);

        Assert.Equal(CallsInFlight.InAll, open);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, TestCoordinator coordinator, string method, HttpContent body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(coordinator.Address), method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Limit);
    }

    /// <summary>Declares a message, sends some of it, and then nothing until the call ends.</summary>
    private sealed class UnfinishedBody(int declared, int sent) : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var bytes = new byte[5 + sent];
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), declared);
            await stream.WriteAsync(bytes, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            _begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
