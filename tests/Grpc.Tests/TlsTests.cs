using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fleet.Grpc.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task Client_WithCertificate_IsKnownToTheServer()
    {
        using var serverCertificate = SelfSigned("CN=server");
        using var clientCertificate = SelfSigned("CN=client", "host-1.fleet");
        AuthContext? seen = null;
        await using var server = await Serve(serverCertificate, context => seen = context.AuthContext);
        using var handler = Handler(serverCertificate, clientCertificate);
        using var channel = GrpcChannel.ForAddress(
            server.Address.Replace("http:", "https:", StringComparison.Ordinal),
            new GrpcChannelOptions { HttpHandler = handler, Credentials = ChannelCredentials.SecureSsl });
        await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        Assert.True(seen!.IsPeerAuthenticated);
        Assert.Equal("host-1.fleet", seen.PeerIdentity.Single().Value);
        Assert.Equal("client", seen.FindPropertiesByName("x509_common_name").Single().Value);
    }

    [Fact]
    public async Task Client_CallCredentials_AreSentOverTls()
    {
        using var serverCertificate = SelfSigned("CN=server");
        using var clientCertificate = SelfSigned("CN=client");
        string? seen = null;
        await using var server = await Serve(serverCertificate, context => seen = context.RequestHeaders.GetValue("authorization"));
        using var handler = Handler(serverCertificate, clientCertificate);
        var token = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("authorization", "Bearer z");
            return Task.CompletedTask;
        });
        using var channel = GrpcChannel.ForAddress(
            server.Address.Replace("http:", "https:", StringComparison.Ordinal),
            new GrpcChannelOptions { HttpHandler = handler, Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, token) });
        await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        Assert.Equal("Bearer z", seen);
    }

    [Fact]
    public async Task Client_DoesNotTrustTheServer_IsUnavailable()
    {
        using var serverCertificate = SelfSigned("CN=server");
        using var clientCertificate = SelfSigned("CN=client");
        await using var server = await Serve(serverCertificate, _ => { });
        using var channel = GrpcChannel.ForAddress(server.Address.Replace("http:", "https:", StringComparison.Ordinal));
        var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
    }

    [Fact]
    public async Task Client_WithoutCertificate_IsUnavailable()
    {
        using var serverCertificate = SelfSigned("CN=server");
        await using var server = await Serve(serverCertificate, _ => { });
        using var handler = Handler(serverCertificate, null);
        using var channel = GrpcChannel.ForAddress(
            server.Address.Replace("http:", "https:", StringComparison.Ordinal), new GrpcChannelOptions { HttpHandler = handler });
        var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("https://127.0.0.1:1", false)]
    public void Channel_CredentialsAgainstTheScheme_AreRefused(string address, bool secure) =>
        Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { Credentials = secure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure }));

    private static Task<TestServer> Serve(X509Certificate2 certificate, Action<ServerCallContext> look) =>
        new ScriptedService
        {
            Unary = (_, context) =>
            {
                look(context);
                return Task.FromResult(new SimpleResponse());
            },
        }.ServeAsync(listen: listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (_, _, _) => true;
        }));

    private static SocketsHttpHandler Handler(X509Certificate2 trusted, X509Certificate2? own) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, presented, _, _) =>
                presented is X509Certificate2 certificate && certificate.RawDataMemory.Span.SequenceEqual(trusted.RawDataMemory.Span),
            ClientCertificates = own is null ? [] : [own],
        },
    };

    private static X509Certificate2 SelfSigned(string subject, params string[] dnsNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (dnsNames.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in dnsNames)
            {
                names.AddDnsName(name);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
