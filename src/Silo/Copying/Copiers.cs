using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Copying;

/// <summary>
/// Every copier, made when first needed. Also the judge of what may cross a call: only what Orleans' serializer could carry,
/// even though nothing is serialized here.
/// </summary>
internal sealed class Copiers
{
    private readonly ConcurrentDictionary<Type, ObjectCopier?> _byRuntimeType = new();
    private readonly ConcurrentDictionary<Type, bool> _validated = new();
    private readonly RuntimeTypeCopier _byInstance;

    public Copiers()
    {
        _byInstance = new RuntimeTypeCopier(this);
    }

    /// <summary>The copier for values declared as <paramref name="declared"/>; null if they may be shared.</summary>
    public ObjectCopier? For(Type declared)
    {
        if (declared.IsInterface && typeof(IAddressable).IsAssignableFrom(declared))
        {
            return new GrainReferenceCopier(declared);
        }

        return IsShareable(declared) ? null : _byInstance;
    }

    /// <summary>The copier for objects whose type is exactly this one; null if they may be shared.</summary>
    /// <exception cref="CodecNotFoundException">The type may not cross a call.</exception>
    public ObjectCopier? OfInstancesOf(Type type) =>
        _byRuntimeType.TryGetValue(type, out var copier) ? copier : _byRuntimeType.GetOrAdd(type, Make);

    /// <summary>Whether no copy is needed: neither values of this type nor anything they lead to can change.</summary>
    public bool IsShareable(Type type)
    {
        if (KnownTypes.IsImmutable(type))
        {
            return true;
        }

        if (type.IsInterface || type.IsArray || type == typeof(object))
        {
            return false;
        }

        if (type.IsDefined(typeof(ImmutableAttribute), inherit: false))
        {
            // A class derived from it may be changeable.
            return type.IsSealed;
        }

        if (ImmutableCollections.ElementsOf(type) is { } elements)
        {
            return elements.All(IsShareable);
        }

        return type.IsValueType && Members(type) is { } members && members.All(m => m.IsShared || IsShareable(m.Field.FieldType));
    }

    /// <summary>Checks a declared type and everything that it declares.</summary>
    /// <exception cref="CodecNotFoundException">A type may not cross a call: the message names it, and the member that leads to it.</exception>
    public void Validate(Type type)
    {
        if (!_validated.TryAdd(type, true))
        {
            return;
        }

        try
        {
            ValidateNew(type);
        }
        catch
        {
            _validated.TryRemove(type, out _);
            throw;
        }
    }

    /// <summary>The members that are copied, for types made of members; null for others.</summary>
    public static CopiedMember[]? Members(Type type) =>
        KnownTypes.IsPlainStructure(type) ? CopiedMember.AllOf(type)
        : type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) ? CopiedMember.Declared(type)
        : null;

    private void ValidateNew(Type type)
    {
        if (KnownTypes.IsImmutable(type) || type == typeof(object) || type.IsGenericParameter)
        {
            return;
        }

        if (type.IsArray)
        {
            Validate(type.GetElementType()!);
            return;
        }

        if (type.IsInterface || CollectionCopiers.IsKnown(type) || ImmutableCollections.ElementsOf(type) is not null)
        {
            // An interface is judged by what comes through it. What its elements are declared as can be judged now.
            foreach (var argument in type.GetGenericArguments())
            {
                Validate(argument);
            }

            return;
        }

        if (typeof(IAddressable).IsAssignableFrom(type))
        {
            throw new CodecNotFoundException($"{type} is a grain or observer class: only its interfaces can cross a call.");
        }

        var members = Members(type) ?? throw NotSerializable(type);
        foreach (var member in members)
        {
            try
            {
                Validate(member.Field.FieldType);
            }
            catch (CodecNotFoundException exception)
            {
                throw new CodecNotFoundException($"{type}.{member.Name}: {exception.Message}");
            }
        }
    }

    private ObjectCopier? Make(Type type)
    {
        if (KnownTypes.IsImmutable(type) || typeof(GrainReference).IsAssignableFrom(type))
        {
            return null;
        }

        if (type == typeof(object))
        {
            return new PlainObjectCopier();
        }

        if (typeof(IGrainBase).IsAssignableFrom(type) || typeof(IGrainObserver).IsAssignableFrom(type))
        {
            throw new CodecNotFoundException(
                $"{type} is a grain or an observer itself: send a reference to it (AsReference, CreateObjectReference) through its interface.");
        }

        if (type.IsArray)
        {
            return ArrayCopier.For(type, this);
        }

        if (CompilerMadeList.ElementOf(type) is { } element)
        {
            return CompilerMadeList.CopierFor(element, this);
        }

        if (ImmutableCollections.ElementsOf(type) is not null)
        {
            return IsShareable(type) ? null : ImmutableCollections.CopierFor(type, this);
        }

        if (CollectionCopiers.IsKnown(type))
        {
            return CollectionCopiers.CopierFor(type, this);
        }

        if (type.IsDefined(typeof(ImmutableAttribute), inherit: false) && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            return null;
        }

        var members = Members(type) ?? throw NotSerializable(type);
        return type.IsValueType && IsShareable(type) ? null : MemberwiseCopier.For(type, members, this);
    }

    private static CodecNotFoundException NotSerializable(Type type) => new(
        $"Could not find a codec for type {type}: it is neither one of the types that every grain call can carry, nor marked with [GenerateSerializer].");
}
