using System.Globalization;

namespace Fleet.Yaml;

/// <summary>One thing that is wrong in a file: where it stands and what it is.</summary>
/// <param name="File">Name of the file, as the caller gave it.</param>
/// <param name="Line">From 1. 0: the problem has no place in the text.</param>
/// <param name="Column">From 1. 0: the problem has no place in the text.</param>
/// <param name="Field">Path of the field, for example <c>rsync.source.path</c>. Empty: the document or the file itself.</param>
/// <param name="Message">One sentence for a person. Values that it quotes are shortened and their control characters escaped.</param>
public sealed record YamlProblem(string File, int Line, int Column, string Field, string Message)
{
    /// <summary><c>file:line:column: field: message</c>, as editors and compilers write it.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}") : File;
        return Field.Length > 0 ? $"{place}: {Field}: {Message}" : $"{place}: {Message}";
    }
}
