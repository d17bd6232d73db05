using Fleet.Agent.Edge;
using Fleet.Agent.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.LocalSchedule;

/// <summary>The policies of this host, on its disk. Thread-safe.</summary>
internal sealed class AssignmentStore
{
    private readonly string _path;
    private volatile HostAssignment _current = HostAssignment.None;

    /// <param name="damage">Set when not all of the file could be used; it is kept aside. Null if all of it could be used.</param>
    public AssignmentStore(string path, out string? damage)
    {
        _path = path;
        damage = null;
        if (DurableFile.ReadIfExists(path) is not { } content)
        {
            return;
        }

        HostAssignment? read;
        string problem;
        try
        {
            read = HostAssignment.Read(Assignment.Parser.ParseFrom(content), out problem);
        }
        catch (InvalidProtocolBufferException)
        {
            (read, problem) = (null, "it was damaged");
        }

        if (read is { Problems.Count: > 0 })
        {
            problem = string.Join("; ", read.Problems.Select(p => $"policy {p.Policy}: {p.Problem}"));
        }

        if (problem.Length > 0)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            damage = $"{path} was set aside as *.damaged ({problem}); the coordinator will send the assignment again";
        }

        // The revision is not sent if not all of it was read: so all of it is sent again.
        _current = read is null ? _current : read with { Revision = problem.Length > 0 ? 0 : read.Revision };
    }

    /// <summary>Revision 0: none was ever received.</summary>
    public HostAssignment Current => _current;

    /// <exception cref="IOException">The old one stays in use.</exception>
    public void Save(HostAssignment assignment)
    {
        DurableFile.Write(_path, assignment.ToMessage().ToByteArray());
        _current = assignment;
    }
}
