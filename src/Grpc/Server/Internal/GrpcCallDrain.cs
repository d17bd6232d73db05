using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Lets calls in flight go on while the host stops, and ends those that are left with UNAVAILABLE when half of the host's shutdown timeout
/// is over: a stream that would go on for ever must not make the server abort its connections, which tells clients nothing.
/// </summary>
internal sealed class GrpcCallDrain : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenRegistration _stopping;

    public GrpcCallDrain(IHostApplicationLifetime? lifetime = null, IOptions<HostOptions>? hostOptions = null)
    {
        var half = (hostOptions?.Value.ShutdownTimeout ?? TimeSpan.FromSeconds(30)) / 2;
        _stopping = lifetime?.ApplicationStopping.Register(() => _end.CancelAfter(half)) ?? default;
        End = _end.Token;
    }

    /// <summary>Cancelled when the calls that are left have to end.</summary>
    public CancellationToken End { get; }

    public void Dispose()
    {
        _stopping.Dispose();
        _end.Dispose();
    }
}
