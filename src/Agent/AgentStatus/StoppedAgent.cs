using System.Text.Json;
using Fleet.Agent.Configuration;
using Fleet.Agent.Edge;
using Fleet.Agent.History;
using Fleet.Agent.Journal;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Storage;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.AgentStatus;

/// <summary>Answers what is asked of an agent that does not run, out of its files, and changes none of them.</summary>
internal sealed class StoppedAgent(AgentOptions options, TimeProvider time)
{
    private readonly HistoryFolder _folder = new(Path.Join(options.StateDirectory, HistoryFolder.Name));
    private readonly List<string> _damage = [];

    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The files are not for this user.</exception>
    public byte[] Answer(LocalQuestion question, CancellationToken cancellationToken)
    {
        // Whoever may not enter the folder would see an empty one.
        _ = Directory.EnumerateFileSystemEntries(options.StateDirectory).Any();
        var unwritten = RunJournal.ReadResults(Path.Join(options.StateDirectory,
            "journal")).Select(HistoryDocument.Of).OfType<LiteDB.BsonDocument>().ToList();
        var reader = new HistoryReader(
            _folder, unwritten, e => _damage.Add($"{e.Message}: left out; the agent sets the file aside when it runs again"));
        switch (question.Ask)
        {
            case LocalQuestion.Runs:
                var runs = reader.Runs(question.Filter, cancellationToken);
                return LocalAnswer.Runs(LocalAnswer.FromFiles, Notes(), runs);
            case LocalQuestion.Run:
                var attempts = reader.Attempts(question.RunId);
                return LocalAnswer.Run(LocalAnswer.FromFiles, Notes(), question.RunId, attempts);
            default:
                var report = Report(reader, cancellationToken);
                return LocalAnswer.Status(LocalAnswer.FromFiles, Notes(), report);
        }
    }

    private IReadOnlyList<string> Notes() =>
        ["fleet-agent does not answer on its socket; this is what its files say", .. HistoryStatus.Of(_folder, 0, "").Notes,
            .. _damage.Distinct()];

    private StatusReport Report(HistoryReader reader, CancellationToken cancellationToken)
    {
        var (id, name, coordinators) = Identity();
        var policies = Policies();
        var last = reader.LastOf(policies, cancellationToken);
        return new StatusReport
        {
            Version = AgentVersion.Text,
            HostName = name,
            HostId = id,
            StateDirectory = options.StateDirectory,
            Connected = false,
            Connection = "the agent is not running",
            Coordinators = options.Coordinators is { Count: > 0 } configured ? configured : coordinators,
            StateError = "",
            Active = null,
            Policies = [.. policies.Select(p => PolicyStatus.Of(p, id, time.GetUtcNow(), last))],
            OutboxBytes = new FileInfo(Path.Join(options.StateDirectory, "outbox", "results.log")) is { Exists: true } outbox
                ? outbox.Length
                : 0,
            History = HistoryStatus.Of(_folder, 0, ""),
        };
    }

    private (string Id, string Name, IReadOnlyList<string> Coordinators) Identity()
    {
        try
        {
            if (DurableFile.ReadIfExists(Path.Join(options.StateDirectory, "identity", "host.json")) is not { } content)
            {
                return ("", "", []);
            }

            using var host = JsonDocument.Parse(content);
            var id = HostId.TryRead(host.RootElement.GetProperty("host_id").GetString());
            var name = host.RootElement.GetProperty("name").GetString();
            return (id ?? "", WireNames.IsHost(name) ? name! : "", [
                .. host.RootElement.GetProperty("coordinators").EnumerateArray().Select(a => a.GetString() ?? "")]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            _damage.Add("identity/host.json cannot be read");
            return ("", "", []);
        }
    }

    private IReadOnlyList<HostPolicy> Policies()
    {
        try
        {
            var content = DurableFile.ReadIfExists(Path.Join(options.StateDirectory, "assignment.pb"));
            return content is not null && HostAssignment.Read(Assignment.Parser.ParseFrom(content), out _) is { } assignment
                ? assignment.Policies
                : [];
        }
        catch (InvalidProtocolBufferException)
        {
            _damage.Add("assignment.pb cannot be read");
            return [];
        }
    }
}
