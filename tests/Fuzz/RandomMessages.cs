using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Testing.Fuzz;

/// <summary>
/// Messages of any kind by their descriptors: extreme, malformed and now and then right values in every field, so that some get past the
/// first check. The same seed gives the same messages.
/// </summary>
internal sealed class RandomMessages(int seed)
{
    private const int MaxDepth = 8;
    private const int MostBytes = 4 * 1024;

    private static readonly string[] Nasty =
    [
        "",
        "\0",
        "a\0b",
        "/../",
        "../../../../etc/fleet/guard.yaml",
        "/",
        ".",
        "..",
        "-rf",
        "--",
        "a\nb",
        "\u001b[2J\u001b]0;x\a",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\ufffd",
        "%s%n",
        "'; DROP TABLE runs; --",
        "$(reboot)",
        "{\"a\":1}",
        "é́",
        "🂡",
        "٣",
        "true",
        "-1",
        "99999999999999999999",
        "*",
        "fleet.io/all",
    ];

    private static readonly long[] Longs =
    [
        0,
        1,
        -1,
        2,
        1000,
        int.MaxValue,
        int.MinValue,
        (long)int.MaxValue + 1,
        long.MaxValue,
        long.MinValue,
        long.MaxValue - 1,
        1L << 53,
        253402300799,
        253402300800,
        -62135596800,
        -62135596801,
        7258118400,
    ];
    private static readonly int[] Ints = [0, 1, -1, 2, 3, 100, 1000, 65_536, int.MaxValue, int.MinValue, int.MaxValue - 1];
    private static readonly double[] Doubles =
    [
        0,
        -0.0,
        1,
        -1,
        50,
        100.5,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.MaxValue,
        double.Epsilon,
        1e300,
    ];

    private readonly Random _random = new(seed);

    /// <summary>Values that make sense, by the name of the field.</summary>
    public Dictionary<string, Func<Random, string>> Sensible { get; } = [];

    /// <summary>How often a field gets a value that makes sense, where there is one. 0 to 1.</summary>
    public double SensibleShare { get; set; } = 0.6;

    public Random Random => _random;

    public T Make<T>()
        where T : IMessage<T>, new() => (T)Make(new T().Descriptor);

    public IMessage Make(MessageDescriptor descriptor)
    {
        while (true)
        {
            var message = Make(descriptor, 0);
            if (message.CalculateSize() <= MostBytes || _random.Next(50) == 0)
            {
                return message;
            }
        }
    }

    public string Text(string field)
    {
        if (Sensible.TryGetValue(field, out var sensible) && _random.NextDouble() < SensibleShare)
        {
            return sensible(_random);
        }

        return _random.Next(6) switch
        {
            0 => Hex(32),
            1 => new string((char)_random.Next(1, 0xd800), _random.Next(1, 400)),
            2 => string.Create(_random.Next(0, 40), _random, static (to, random) =>
            {
                for (var i = 0; i < to.Length; i++)
                {
                    to[i] = (char)random.Next(0, 0x250);
                }
            }),
            _ => Nasty[_random.Next(Nasty.Length)],
        };
    }

    public string Hex(int digits) => string.Create(digits, _random, static (to, random) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = "0123456789abcdef"[random.Next(16)];
        }
    });

    private IMessage Make(MessageDescriptor descriptor, int depth)
    {
        var message = descriptor.Parser.ParseFrom([]);
        if (descriptor.FullName == Timestamp.Descriptor.FullName && _random.Next(3) > 0)
        {
            return Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddSeconds(_random.Next(-100_000, 100_000)));
        }

        if (descriptor.FullName == Duration.Descriptor.FullName && _random.Next(3) > 0)
        {
            return Duration.FromTimeSpan(TimeSpan.FromSeconds(_random.Next(1, 100_000)));
        }

        foreach (var oneof in descriptor.Oneofs.Where(o => !o.IsSynthetic))
        {
            if (_random.Next(12) > 0)
            {
                var field = oneof.Fields[_random.Next(oneof.Fields.Count)];
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        foreach (var field in descriptor.Fields.InDeclarationOrder().Where(f => f.RealContainingOneof is null))
        {
            if (_random.Next(7) == 0 || (depth > MaxDepth && field.FieldType == FieldType.Message))
            {
                continue;
            }

            if (field.IsMap)
            {
                FillMap((IDictionary)field.Accessor.GetValue(message), field);
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                var most = _random.Next(60) == 0 ? 200 : 3;
                for (var count = _random.Next(0, depth > 3 ? 2 : most); count > 0; count--)
                {
                    list.Add(Value(field, depth));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        return message;
    }

    private void FillMap(IDictionary map, FieldDescriptor field)
    {
        for (var count = _random.Next(0, 4); count > 0; count--)
        {
            var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
            map[Value(key, MaxDepth)] = Value(value, MaxDepth);
        }
    }

    private object Value(FieldDescriptor field, int depth)
    {
        var sensible = Sensible.ContainsKey(field.Name) && _random.NextDouble() < SensibleShare;
        switch (field.FieldType)
        {
            case FieldType.Double:
                return _random.Next(2) == 0 ? _random.NextDouble() * 100 : Doubles[_random.Next(Doubles.Length)];
            case FieldType.Float:
                return (float)Doubles[_random.Next(Doubles.Length)];
            case FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64:
                return sensible ? long.Parse(Sensible[field.Name](_random), CultureInfo.InvariantCulture)
                    : _random.Next(2) == 0 ? Longs[_random.Next(Longs.Length)]
                    : _random.NextInt64();
            case FieldType.UInt64 or FieldType.Fixed64:
                return unchecked((ulong)Longs[_random.Next(Longs.Length)]);
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32:
                return sensible ? int.Parse(Sensible[field.Name](_random), CultureInfo.InvariantCulture) : Ints[_random.Next(Ints.Length)];
            case FieldType.UInt32 or FieldType.Fixed32:
                return _random.Next(4) == 0 ? unchecked((uint)Ints[_random.Next(Ints.Length)]) : (uint)_random.Next(1, 20);
            case FieldType.Bool:
                return _random.Next(2) == 0;
            case FieldType.String:
                return Text(field.Name);
            case FieldType.Bytes:
                var bytes = new byte[_random.Next(0, 60)];
                _random.NextBytes(bytes);
                return _random.Next(2) == 0 ? ByteString.CopyFrom(bytes) : ByteString.CopyFromUtf8(Text(field.Name));
            case FieldType.Enum:
                var values = field.EnumType.Values;
                var number = _random.Next(5) == 0 ? Ints[_random.Next(Ints.Length)] : values[_random.Next(values.Count)].Number;
                return System.Enum.ToObject(field.EnumType.ClrType, number);
            case FieldType.Message:
                return Make(field.MessageType, depth + 1);
            default:
                throw new NotSupportedException($"{field.FullName} has a type that no message here has");
        }
    }
}
