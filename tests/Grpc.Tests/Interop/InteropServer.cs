using Fleet.Grpc.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fleet.Grpc.Tests.Interop;

/// <summary>Our server with the interoperability service; notes the compressed flag of what comes and goes.</summary>
internal sealed class InteropServer : IAsyncDisposable
{
    private readonly List<byte> _responseFlags = [];
    private TestServer? _server;

    public string Address => _server!.Address;

    public int Port => new Uri(Address).Port;

    /// <summary>The flags of each response's first message since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<byte> ResponseFlags
    {
        get
        {
            lock (_responseFlags)
            {
                return [.. _responseFlags];
            }
        }
    }

    public static async Task<InteropServer> StartAsync()
    {
        var result = new InteropServer();
        result._server = await TestServer.StartAsync(app =>
        {
            app.Use(result.RecordAsync);
            app.MapGrpcService<InteropService>();
        });
        return result;
    }

    public void Clear()
    {
        lock (_responseFlags)
        {
            _responseFlags.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path == "/grpc.testing.TestService/UnaryCall")
        {
            var read = await context.Request.BodyReader.ReadAsync();
            if (!read.Buffer.IsEmpty)
            {
                context.Items[InteropService.FirstFlagKey] = read.Buffer.FirstSpan[0];
            }

            context.Request.BodyReader.AdvanceTo(read.Buffer.Start);
            context.Response.Body = new FirstByteStream(context.Response.Body, _responseFlags);
        }

        await next(context);
        if (context.Response.Body is FirstByteStream)
        {
            // The pipe over the recording stream is not Kestrel's own, which would be flushed with the response's end.
            await context.Response.BodyWriter.FlushAsync();
        }
    }
}
