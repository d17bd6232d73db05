using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleet.Coordinator.Reflection;

/// <summary>The descriptors of everything that is served, by file name and by full name of what they declare.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);

    public DescriptorIndex()
    {
        foreach (var root in (ReadOnlySpan<FileDescriptor>)
        [
            AgentReflection.Descriptor,
            FleetReflection.Descriptor,
            EventReflection.Descriptor,
            AdminReflection.Descriptor,
            ErrorReflection.Descriptor, // In trailers: no service's file imports it.
            Grpc.Health.V1.HealthReflection.Descriptor,
            Grpc.Reflection.V1.ReflectionReflection.Descriptor,
            Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor,
        ])
        {
            Add(root);
        }

        Services = [.. _files.Values.SelectMany(static file => file.Services).Select(static service => service.FullName).Order(StringComparer.Ordinal)];
    }

    /// <summary>Full names, in order.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>Every file, in no order.</summary>
    public IReadOnlyCollection<FileDescriptor> Files => _files.Values;

    /// <summary>By its name, for example "fleet/v1/fleet.proto".</summary>
    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <summary>The file that declares a service, method, message, field, enum or value of one.</summary>
    public FileDescriptor? FindSymbol(string fullName) => _symbols.GetValueOrDefault(fullName);

    public bool IsMessage(string fullName) =>
        _symbols.TryGetValue(fullName, out var file) && AllMessages(file.MessageTypes).Any(message => message.FullName == fullName);

    /// <summary>The file and all that it imports, serialised, each once, the file first.</summary>
    public static IReadOnlyList<ByteString> WithImports(FileDescriptor file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<ByteString>();
        Walk(file);
        return result;

        void Walk(FileDescriptor next)
        {
            if (seen.Add(next.Name))
            {
                result.Add(next.SerializedData);
                foreach (var import in next.Dependencies)
                {
                    Walk(import);
                }
            }
        }
    }

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            Add(import);
        }

        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                _symbols[method.FullName] = file;
            }
        }

        foreach (var message in AllMessages(file.MessageTypes))
        {
            _symbols[message.FullName] = file;
            foreach (var field in message.Fields.InDeclarationOrder())
            {
                _symbols[field.FullName] = file;
            }

            foreach (var oneof in message.Oneofs)
            {
                _symbols[oneof.FullName] = file;
            }

            AddEnums(message.EnumTypes, file);
        }

        AddEnums(file.EnumTypes, file);
    }

    private void AddEnums(IEnumerable<EnumDescriptor> enums, FileDescriptor file)
    {
        foreach (var type in enums)
        {
            _symbols[type.FullName] = file;
            foreach (var value in type.Values)
            {
                _symbols[value.FullName] = file;
            }
        }
    }

    private static IEnumerable<MessageDescriptor> AllMessages(IEnumerable<MessageDescriptor> messages) =>
        messages.SelectMany(static message => AllMessages(message.NestedTypes).Prepend(message));
}
