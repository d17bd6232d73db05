using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Copying;

/// <summary>The types that Orleans knows without a mark on them.</summary>
internal static class KnownTypes
{
    private static readonly FrozenSet<Type> Immutable = new[]
    {
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Guid), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(IPEndPoint), typeof(BigInteger),
        typeof(Half), typeof(Int128), typeof(UInt128), typeof(Rune), typeof(CultureInfo), typeof(CancellationToken), typeof(DBNull),
    }.ToFrozenSet();

    private static readonly FrozenSet<Type> PlainStructures = new[]
    {
        typeof(KeyValuePair<,>), typeof(Nullable<>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>),
        typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>),
        typeof(ValueTuple), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
    }.ToFrozenSet();

    /// <summary>Whether values never change and are shared as they are.</summary>
    public static bool IsImmutable(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || Immutable.Contains(type)
        || typeof(Type).IsAssignableFrom(type)
        || typeof(Exception).IsAssignableFrom(type)
        || typeof(GrainReference).IsAssignableFrom(type)
        || (Nullable.GetUnderlyingType(type) is { } underlying && IsImmutable(underlying));

    /// <summary>Whether it is one of the framework's own bundles of values.</summary>
    public static bool IsPlainStructure(Type type) =>
        PlainStructures.Contains(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
}
