using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Finds out who calls, from the bearer token or the client certificate. Asks the store each time, so that a removed host or
/// operator has no identity from the next call on.
/// </summary>
internal sealed class CallerAuthenticator(
    FleetStore store, ClientCertificateVerifier verifier, OperatorUse operatorUse, TrustedTime clock)
{
    /// <summary>How long after its expiry a host's certificate may still be used to renew it: hosts can be off for months.</summary>
    public static readonly TimeSpan RenewGrace = TimeSpan.FromDays(365);

    private const string Scheme = "Bearer ";
    private const string EnrolAnew = "To add the machine again: fleet token create, then fleet-agent enroll on it.";

    /// <param name="authorization">
    /// The metadata entry "authorization". It takes precedence over the certificate, because it was chosen for this call.
    /// </param>
    /// <param name="address">The peer's, without port.</param>
    public async Task<Authentication> AuthenticateAsync(
        string? authorization, X509Certificate2? certificate, string address, bool allowsExpiredHost, CancellationToken cancellationToken)
    {
        var nobody = new CallerIdentity(CallerKind.Anonymous, "", "", Role.Unspecified, address);
        if (!string.IsNullOrEmpty(authorization))
        {
            return await ByTokenAsync(authorization, nobody, cancellationToken);
        }

        if (certificate is null)
        {
            return new Authentication(nobody);
        }

        if (verifier.Verify(certificate) is not { } verified)
        {
            return Bad(
                nobody,
                "the client certificate was not issued by this fleet's certificate authority",
                "It may belong to another fleet, or the coordinator's state was lost. Enrol this host here (fleet-agent enroll), " +
                "or use a credential of this fleet.");
        }

        return verified.Identity.Kind == CallerKind.Host
            ? await HostAsync(verified, nobody, allowsExpiredHost, cancellationToken)
            : await OperatorAsync(
                nobody, operators => OperatorStore.FindByCertificate(operators, verified.Hash), verified, cancellationToken);
    }

    private async Task<Authentication> ByTokenAsync(string authorization, CallerIdentity nobody, CancellationToken cancellationToken)
    {
        var credential = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? Credential.Parse(Credential.OperatorPrefix, authorization[Scheme.Length..].Trim())
            : null;
        if (credential is null)
        {
            return Bad(
                nobody,
                "the metadata authorization does not have the form \"Bearer fleetop.ID.SECRET\"",
                "Send the bearer token as fleet operator create printed it.");
        }

        return await OperatorAsync(
            nobody,
            operators => OperatorStore.FindByToken(operators, credential.Id) is { SecretHash: { } hash } found && credential.Matches(hash)
                ? found
                : null,
            null,
            cancellationToken);
    }

    private async Task<Authentication> OperatorAsync(
        CallerIdentity nobody, Func<StoreReader, OperatorRow?> find, VerifiedCertificate? verified, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = await store.ReadAsync(find, cancellationToken);
        if (row is null)
        {
            return Bad(
                nobody,
                verified is null ? "the bearer token is not known here" : "the operator's certificate is not known here",
                "Ask an admin for a new credential (fleet operator create).");
        }

        if (row.RemovedAt is not null)
        {
            return Revoked(nobody, "the operator was removed", "Ask an admin for a new credential (fleet operator create).");
        }

        if (row.ExpiresAt <= now || (verified is not null && verified.NotAfter <= now))
        {
            return Bad(
                nobody,
                "the operator's credential has expired",
                "Ask an admin for a new one (fleet operator remove, fleet operator create).");
        }

        operatorUse.Note(row, now);
        return new Authentication(
            new CallerIdentity(CallerKind.Operator, row.Name, row.Name, row.Role, nobody.Address), ValidUntil: row.ExpiresAt);
    }

    private async Task<Authentication> HostAsync(
        VerifiedCertificate verified, CallerIdentity nobody, bool allowsExpired, CancellationToken cancellationToken)
    {
        var hostId = verified.Identity.Id;
        var host = await store.ReadAsync(reader => HostStore.NameOf(reader, hostId), cancellationToken);
        if (host.Name is null)
        {
            return Bad(
                nobody,
                "this coordinator has no such host, though its certificate authority signed the certificate",
                "The coordinator's store is older than the certificate (restored from a backup?). " + EnrolAnew);
        }

        if (host.IsRemoved)
        {
            return Revoked(nobody, "the host was removed from the fleet", EnrolAnew);
        }

        var now = clock.GetUtcNow();
        if (now < verified.NotBefore)
        {
            return Bad(nobody, "the host's certificate is not valid yet", "Check the clocks of the coordinator and of the host.");
        }

        if (now >= verified.NotAfter + RenewGrace)
        {
            return Bad(
                nobody,
                "the host's certificate expired more than a year ago",
                "It can no longer renew itself: fleet host remove, fleet token create, then fleet-agent enroll on the host.");
        }

        if (now >= verified.NotAfter && !allowsExpired)
        {
            return Bad(
                nobody,
                "the host's certificate has expired",
                "The agent renews it by itself, also when it has expired (journalctl -u fleet-agent says why not); check the host's "
                + "clock too.");
        }

        return new Authentication(
            new CallerIdentity(CallerKind.Host, hostId, host.Name, Role.Unspecified, nobody.Address), ValidUntil: verified.NotAfter);
    }

    private static Authentication Bad(CallerIdentity nobody, string message, string whatToDo) => new(
        nobody, FleetError.Create(StatusCode.Unauthenticated, Reason.IdentityInvalid, message, whatToDo));

    private static Authentication Revoked(CallerIdentity nobody, string message, string whatToDo) => new(
        nobody, FleetError.Create(StatusCode.Unauthenticated, Reason.IdentityRevoked, message, whatToDo));
}
