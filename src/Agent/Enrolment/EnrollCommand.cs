using System.Net;
using System.Net.Sockets;
using Fleet.Agent.Configuration;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Storage;
using Fleet.Agent.Tools;
using Fleet.Protocol.Addresses;

namespace Fleet.Agent.Enrolment;

/// <summary>`fleet-agent enroll`.</summary>
/// <param name="resolve">A host name as name resolution has it in full; throws what <see cref="Dns"/> throws.</param>
internal sealed class EnrollCommand(
    AgentOptions options, TextWriter output, TextWriter errors, TimeProvider time, Func<string, CancellationToken, Task<string>> resolve)
{
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(2);

    public const string Help = """
        fleet-agent enroll ADDRESS TOKEN [--name NAME] [--label KEY=VALUE]... [--force] [--config FILE]

        Joins a fleet. ADDRESS is the coordinator's host and port (7443 when left out), TOKEN comes from `fleet token create`.
        TOKEN may be - to read it from standard input, which keeps it out of the list of processes.
        The coordinator's certificate authority is compared with the hash in the token before anything secret is sent.

          --name NAME        name of this host in the fleet; default: name of agent.yaml, else the host's own
          --label KEY=VALUE  label to start with; may be repeated
          --force            replace the identity that this host has
          --config FILE      default /etc/fleet/agent.yaml

        Examples:
          fleet-agent enroll coordinator.example.org:7443 fleet1.k3v9x2ab.SECRET.HASH
          echo "$TOKEN" | fleet-agent enroll https://10.0.0.5:7443 - --name nas1 --label site=attic

        Exit codes: 0 enrolled, 1 not enrolled (the message says what to do), 2 wrong usage, 78 wrong configuration.
        """;

    /// <summary>As this machine resolves it.</summary>
    public static async Task<string> ResolveAsync(string name, CancellationToken cancellationToken) =>
        (await Dns.GetHostEntryAsync(name, cancellationToken)).HostName;

    public async Task<int> RunAsync(string address, string tokenText, string? name, IReadOnlyDictionary<string, string> labels, bool force,
        CancellationToken cancellationToken)
    {
        if (!CoordinatorAddress.TryParse(address, out var coordinator, out var problem))
        {
            return Fail(LogText.Escape($"{address} is not a coordinator address: {problem}"), 2);
        }

        if (!JoinToken.TryParse(tokenText, out var token))
        {
            return Fail(
                "the token was not made by `fleet token create`: such a token has the form fleet1.ID.SECRET.HASH. Was it cut off?", 2);
        }

        name ??= options.Name.Length > 0 ? options.Name : HostNameRule.OfThisHost(Dns.GetHostName());
        if (!HostNameRule.IsValid(name))
        {
            return Fail($"{LogText.Escape(name)}: {HostNameRule.Says}", 2);
        }

        var store = new IdentityStore(options.StateDirectory);
        if (store.Exists && !force)
        {
            var known = store.Load(out _);
            return Fail($"this host is already enrolled{(known is null ? "" : $" as {known.Name} ({known.HostId})")}: --force replaces "
                + $"its identity", 1);
        }

        try
        {
            DurableFile.CreateFolder(options.StateDirectory);
            return await EnrollAsync(store, coordinator, token, name, labels, cancellationToken);
        }
        catch (EnrolmentFailure e)
        {
            var full = e.IsNameTaken ? HostNameRule.OfThisHost(await FullNameAsync(cancellationToken)) : name;
            return Fail(
                full != name && full.Contains('.') ? $"{e.Message}. You can try this host's full name: --name {full}" : e.Message, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(
                $"{options.StateDirectory} cannot be written ({LogText.Escape(e.Message)}): run as root, or set state_directory", 1);
        }
    }

    private async Task<int> EnrollAsync(IdentityStore store, string address, JoinToken token, string name,
        IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var pending = new PendingEnrolment(options.StateDirectory);
        var (key, requestId) = pending.LoadOrCreate(token, name);
        using (key)
        {
            var facts = await new HostDescription(new HostPaths(), new ToolRunner(time), time).FactsAsync(cancellationToken);
            var merged = new Dictionary<string, string>(options.Labels);
            foreach (var (label, value) in labels)
            {
                merged[label] = value;
            }

            var response = await new EnrolmentClient(time).EnrollAsync(
                address, token, key, requestId, name, merged, facts, cancellationToken);
            store.Save(response.HostId, name, [address], key, response.CertificatePem, response.CaCertificatePem);
            pending.Delete();
            output.WriteLine($"enrolled as {name} ({response.HostId}) with {address}");
            return 0;
        }
    }

    /// <summary>As name resolution has it; empty when it does not.</summary>
    private async Task<string> FullNameAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LookupTimeout);
            return await resolve(Dns.GetHostName(), limit.Token).WaitAsync(LookupTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or TimeoutException or ArgumentException)
        {
            return "";
        }
    }

    private int Fail(string message, int exitCode)
    {
        errors.WriteLine($"fleet-agent: {message}");
        return exitCode;
    }
}
