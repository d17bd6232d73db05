namespace Orleans.Runtime;

/// <summary>Which of the few allowed return types a method has.</summary>
internal enum ReturnKind
{
    /// <summary>None of the allowed ones.</summary>
    Unsupported,

    /// <summary><c>void</c>, for observers: nobody waits.</summary>
    Void,

    /// <summary><see cref="System.Threading.Tasks.Task"/>, with or without a result.</summary>
    Task,

    /// <summary><see cref="System.Threading.Tasks.ValueTask"/>, with or without a result.</summary>
    ValueTask,
}

/// <summary>How a method returns.</summary>
/// <param name="Kind">Its kind of return type.</param>
/// <param name="Result">The type of the result; null for none.</param>
internal readonly record struct ReturnShape(ReturnKind Kind, Type? Result)
{
    public static ReturnShape Of(Type type)
    {
        if (type == typeof(void))
        {
            return new(ReturnKind.Void, null);
        }

        if (type == typeof(Task))
        {
            return new(ReturnKind.Task, null);
        }

        if (type == typeof(ValueTask))
        {
            return new(ReturnKind.ValueTask, null);
        }

        var open = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return open == typeof(Task<>) ? new(ReturnKind.Task, type.GenericTypeArguments[0])
            : open == typeof(ValueTask<>) ? new(ReturnKind.ValueTask, type.GenericTypeArguments[0])
            : default;
    }
}
