using System.Net.Security;
using Fleet.Agent.Connection;
using Grpc.Net.Client;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>Channels with the agent's settings, to servers without TLS.</summary>
internal static class AgentChannel
{
    public static GrpcChannel To(string address, Action<GrpcChannelOptions>? configure = null)
    {
        var options = CoordinatorChannel.Options(new SslClientAuthenticationOptions());
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(address, options);
    }
}
