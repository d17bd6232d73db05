using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Errors;

namespace Fleet.Coordinator.Identity;

/// <summary>Registers identity and the audit log.</summary>
internal static class IdentitySetup
{
    /// <summary>
    /// The authority, credentials, and the interceptor that every call goes through. <see cref="ITlsIdentity"/> is for the listener;
    /// <see cref="EnrolmentService"/> for AgentService.
    /// </summary>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => CertificateAuthority.Open(
            provider.GetRequiredService<Storage.StateDirectory>(),
            provider.GetRequiredService<TrustedTime>(),
            provider.GetRequiredService<ILogger<CertificateAuthority>>()));
        services.AddSingleton<ServerIdentity>();
        services.AddSingleton<ITlsIdentity>(static provider => provider.GetRequiredService<ServerIdentity>());
        services.AddHostedService(static provider => provider.GetRequiredService<ServerIdentity>());
        services.AddHostedService<FirstAdmin>();
        services.AddSingleton<ClientCertificateVerifier>();
        services.AddSingleton<OperatorUse>();
        services.AddSingleton<CallerAuthenticator>();
        services.AddSingleton<LiveCredentials>();
        services.AddSingleton<CallGate>();
        services.AddSingleton<AuthorisingInterceptor>();
        services.AddSingleton<AttemptLimiter>();
        services.AddSingleton<EnrolmentService>();
        services.AddSingleton<JoinTokens>();
        services.AddSingleton<Operators>();
        services.AddSingleton<AdminRpc>();

        services.AddSingleton<AuditLog>();
        services.AddHostedService(static provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<UnexpectedFailure>();
        services.AddSingleton<FailureInterceptor>();
        services.AddSingleton<StreamEndInterceptor>();
        services.AddGrpc(static options =>
        {
            options.Interceptors.Add<StreamEndInterceptor>();
            options.Interceptors.Add<FailureInterceptor>();
            options.Interceptors.Add<AuthorisingInterceptor>();
        });
        return builder;
    }

    /// <summary>AdminService.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder app) => app.MapGrpcService<AdminRpc>();
}
