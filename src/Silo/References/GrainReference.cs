using System.ComponentModel;

namespace Orleans.Runtime;

/// <summary>
/// Stands for a grain or an observer, wherever it lives. Equal to every other reference to the same one. Classes derived from
/// it, which implement the grain's interfaces, are made at run time.
/// </summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly IdSpan _key;

    /// <summary>A reference to the grain with that key.</summary>
    protected internal GrainReference(GrainReferenceShared shared, IdSpan key)
    {
        Shared = shared;
        _key = key;
    }

    /// <summary>Which grain or observer.</summary>
    public GrainId GrainId => new(Shared.GrainType, _key);

    /// <summary>The interface that the reference offers.</summary>
    public GrainInterfaceType InterfaceType => Shared.InterfaceType;

    /// <summary>The full name of the interface that the reference offers.</summary>
    public virtual string InterfaceName => Shared.Interface?.Type.FullName ?? string.Empty;

    internal GrainReferenceShared Shared { get; }

    /// <summary>The same grain through another of its interfaces.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable => this.AsReference<TGrainInterface>();

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>A hash that every process agrees on.</summary>
    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    /// <inheritdoc/>
    public sealed override string ToString() => $"GrainReference:{GrainId}";

    /// <summary>Whether both stand for the same one.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Whether they stand for different ones.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    /// <summary>For the classes made at run time: a method without a result.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Task InvokeTask(int method, object?[] arguments) => InvokeTask<object?>(method, arguments);

    /// <summary>For the classes made at run time: a method with a result.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected Task<T> InvokeTask<T>(int method, object?[] arguments) =>
        Shared.Runtime.CallAsync<T>(this, Shared.Interface!.Methods[method], arguments);

    /// <summary>For the classes made at run time: a method without a result.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected ValueTask InvokeValueTask(int method, object?[] arguments) => new(InvokeTask<object?>(method, arguments));

    /// <summary>For the classes made at run time: a method with a result.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected ValueTask<T> InvokeValueTask<T>(int method, object?[] arguments) => new(InvokeTask<T>(method, arguments));

    /// <summary>For the classes made at run time: a method that nobody waits for.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected void InvokeVoid(int method, object?[] arguments) => _ = InvokeTask<object?>(method, arguments);
}
