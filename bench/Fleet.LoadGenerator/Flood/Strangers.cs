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
    /// <returns>How many were open at the end.</returns>
    public static async Task<int> IdleAsync(Uri address, int count, TimeSpan hold)
    {
        var streams = new List<(Socket Socket, SslStream Tls)>();
        foreach (var some in Enumerable.Range(0, count).Chunk(50))
        {
            var found = await Task.WhenAll(some.Select(_ => OpenAsync(address)));
            streams.AddRange(found.Where(static one => one is not null).Select(static one => one!.Value));
        }

        await Task.Delay(hold);
        var open = 0;
        var one = new byte[1];
        foreach (var (socket, tls) in streams)
        {
            open += await IsOpenAsync(socket, tls, one) ? 1 : 0;
            await tls.DisposeAsync();
        }

        return open;
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

    private static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    /// <summary>A server that keeps it has sent its settings and waits; one that closed it has sent an end or a reset after them.</summary>
    private static async Task<bool> IsOpenAsync(Socket socket, SslStream tls, byte[] one)
    {
        try
        {
            while (socket.Available > 0 || socket.Poll(0, SelectMode.SelectRead))
            {
                if (await tls.ReadAsync(one) == 0)
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private static async Task<(Socket Socket, SslStream Tls)?> OpenAsync(Uri address)
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
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            }).WaitAsync(TimeSpan.FromSeconds(10));
            return (socket, stream);
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
