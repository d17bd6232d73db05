using Fleet.Agent.Identity;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Enrolment;

/// <summary>`fleet-agent enroll ADDRESS TOKEN`.</summary>
internal static class EnrollVerb
{
    public const string Help = """
        Joins this host to a fleet.

        Usage: fleet-agent enroll ADDRESS TOKEN [OPTIONS]

          ADDRESS            the coordinator, for example https://backup.example:7443
          TOKEN              from `fleet token create`; "-" reads it from standard input, which keeps it out of the process list
          --name NAME        the name of this host in the fleet (default: the host's name)
          --label KEY=VALUE  a label to start with; may be given several times
          --force            replaces an identity that this host has already
          --config FILE      configuration (default /etc/fleet/agent.yaml)

        Examples:
          fleet-agent enroll https://backup.example:7443 fleet1.k3v9x2ab.…
          fleet token create | ssh root@web1 fleet-agent enroll https://backup.example:7443 - --label role=web

        Exit codes: 0 enrolled, 1 refused or not reachable, 2 not understood.
        """;

    /// <param name="arguments">What follows the verb, without --config FILE.</param>
    /// <param name="configuredName">`name` of agent.yaml; empty: none.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        string configuredName,
        IReadOnlyDictionary<string, string> configuredLabels,
        IdentityStore store,
        HostFacts facts,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var request = Parse(arguments, configuredName, configuredLabels, out var problem);
        if (request is null)
        {
            await Console.Error.WriteLineAsync($"fleet-agent enroll: {LogText.Escape(problem)}\n\n{Help}");
            return 2;
        }

        var result = await new HostEnrolment(store, time, Random.Shared).RunAsync(request, facts, cancellationToken);
        if (result.Identity is null)
        {
            await Console.Error.WriteLineAsync($"fleet-agent enroll: {result.Problem}\n{result.WhatToDo}");
            return 1;
        }

        Console.WriteLine($"enrolled as {result.Identity.HostName} ({result.Identity.HostId}), certificate valid until {result.Identity.NotAfter:yyyy-MM-dd}");
        Console.WriteLine("A running fleet-agent picks the identity up by itself; otherwise: systemctl start fleet-agent");
        return 0;
    }

    internal static EnrolmentRequest? Parse(
        IReadOnlyList<string> arguments, string configuredName, IReadOnlyDictionary<string, string> configuredLabels, out string problem)
    {
        List<string> positional = [];
        Dictionary<string, string> labels = new(configuredLabels);
        var name = configuredName.Length > 0 ? configuredName : Environment.MachineName.ToLowerInvariant();
        var force = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--force":
                    force = true;
                    break;
                case "--name" when i + 1 < arguments.Count:
                    name = arguments[++i];
                    break;
                case "--label" when i + 1 < arguments.Count && arguments[i + 1].Split('=', 2) is [{ Length: > 0 } key, var value]:
                    labels[key] = value;
                    i++;
                    break;
                case ['-', '-', ..]:
                    problem = $"{arguments[i]} is not an option, or lacks its value";
                    return null;
                default:
                    positional.Add(arguments[i]);
                    break;
            }
        }

        if (positional is not [var addressText, var tokenText])
        {
            problem = "an address and a token are needed";
            return null;
        }

        if (Address(addressText) is not { } address)
        {
            problem = $"{addressText} is not an address; write https://HOST:PORT";
            return null;
        }

        if (JoinToken.Parse(tokenText == "-" ? Console.In.ReadLine() ?? "" : tokenText) is not { } token)
        {
            problem = "the token is not whole; it has four parts: fleet1.ID.SECRET.HASH, as `fleet token create` prints it";
            return null;
        }

        problem = "";
        return new EnrolmentRequest(address, token, name, labels, force);
    }

    private static Uri? Address(string text)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Host.Length == 0)
        {
            return null;
        }

        // 443 is what Uri gives when nothing was said; Fleet's own port is 7443.
        return uri.IsDefaultPort && !whole.EndsWith(":443", StringComparison.Ordinal) ? new UriBuilder(uri) { Port = 7443 }.Uri : uri;
    }
}
