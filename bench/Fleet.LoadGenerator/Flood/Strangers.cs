using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.LoadGenerator.Flood;

/// <summary>Callers without an identity.</summary>
internal static class Strangers
{
    private const int Declared = 4 * 1024 * 1024;

    /// <summary>Three connections, on each many calls that declare 4 MiB, send 3 of them, and then hardly go on.</summary>
    public static async Task TrickleAsync(Uri address, int streams, TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time);
        var connections = Enumerable.Range(0, 3).Select(_ => NewClient()).ToList();
        var calls = connections.SelectMany(client => Enumerable.Range(0, streams).Select(async i =>
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, new Uri(address, i % 2 == 0 ? "/fleet.v1.AgentService/Enroll" : "/fleet.v1.FleetService/ApplyPolicies"))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new SlowContent(),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
            try
            {
                using var response = await client.SendAsync(request, stop.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                // Cut off, which is what should happen.
            }
        })).ToList();
        await Task.WhenAll(calls);
        connections.ForEach(static client => client.Dispose());
    }

    /// <summary>Opens connections with TLS that then do nothing, and keeps them for a while.</summary>
    public static async Task IdleAsync(Uri address, int count, TimeSpan hold)
    {
        var streams = new List<SslStream>();
        foreach (var some in Enumerable.Range(0, count).Chunk(50))
        {
            var found = await Task.WhenAll(some.Select(_ => OpenAsync(address)));
            streams.AddRange(found.OfType<SslStream>());
        }

        await Task.Delay(hold);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Calls that need an identity, without one.</summary>
    /// <returns>How many were refused.</returns>
    public static async Task<int> RefusedCallsAsync(GrpcChannel channel, int count)
    {
        var fleet = new FleetService.FleetServiceClient(channel);
        var refused = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 50 },
            async (_, cancellationToken) =>
            {
                try
                {
                    await fleet.ListHostsAsync(new ListHostsRequest(), cancellationToken: cancellationToken);
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unauthenticated)
                {
                    Interlocked.Increment(ref refused);
                }
            });
        return refused;
    }

    private static HttpClient NewClient() =>
        new(
            new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                },
            });

    private static async Task<SslStream?> OpenAsync(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port).WaitAsync(TimeSpan.FromSeconds(10));
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = address.Host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            }).WaitAsync(TimeSpan.FromSeconds(10));
            return stream;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or TimeoutException)
        {
            socket.Dispose();
            return null;
        }
    }

    private sealed class SlowContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var head = new byte[5];
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), Declared);
            await stream.WriteAsync(head, cancellationToken);
            var block = new byte[64 * 1024];
            for (var sent = 0; sent < Declared * 3 / 4; sent += block.Length)
            {
                await stream.WriteAsync(block, cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }

            // More than the least rate that servers usually ask for.
            while (true)
            {
                await stream.WriteAsync(block.AsMemory(0, 512), cancellationToken);
                await stream.FlushAsync(cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
