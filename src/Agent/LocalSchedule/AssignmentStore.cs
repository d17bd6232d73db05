using Fleet.Agent.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.LocalSchedule;

/// <summary>The policies of this host, on its disk. Thread-safe.</summary>
internal sealed class AssignmentStore
{
    private readonly string _path;
    private volatile Assignment _current = new();

    /// <param name="damage">Set when the file could not be read; it is kept aside. Null: fine.</param>
    public AssignmentStore(string path, out string? damage)
    {
        _path = path;
        damage = null;
        if (DurableFile.ReadIfExists(path) is not { } content)
        {
            return;
        }

        try
        {
            _current = Assignment.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            damage = $"{path} was damaged and is kept aside; the coordinator sends the assignment again";
        }
    }

    /// <summary>Revision 0: none was ever received.</summary>
    public Assignment Current => _current;

    /// <exception cref="IOException">The old one stays in use.</exception>
    public void Save(Assignment assignment)
    {
        DurableFile.Write(_path, assignment.ToByteArray());
        _current = assignment;
    }
}
