using System.Text;
using Grpc.Core;

namespace Fleet.Coordinator.Errors;

/// <summary>Status codes as the gRPC specification writes them.</summary>
internal static class StatusNames
{
    /// <summary>For example "PERMISSION_DENIED".</summary>
    public static string Of(StatusCode code)
    {
        if (code == StatusCode.OK)
        {
            return "OK";
        }

        var name = code.ToString();
        var builder = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]))
            {
                builder.Append('_');
            }

            builder.Append(char.ToUpperInvariant(name[i]));
        }

        return builder.ToString();
    }
}
