using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet operator create NAME</c>: writes the credential to a file that only its owner can read, or to the output.</summary>
internal static class OperatorCreateCommand
{
    public static Command Create(CommandActions actions)
    {
        var name = new Argument<string>("name") { Description = "1 to 63 of a-z, 0-9, '-', '.', '_', '@'." };
        var role = new Option<string>("--role")
        {
            Description = "viewer sees everything and changes nothing; operator also applies policies, starts and cancels runs; "
                + "admin also manages hosts, tokens and operators, and reads the audit log.",
            HelpName = "viewer|operator|admin",
            Required = true,
        };
        role.TakesOnly("viewer", "operator", "admin");
        var lifetime = Durations.Option(
            "--lifetime", "How long the credential is valid. Default 365d.", TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_650));
        var certificate = new Option<bool>("--certificate")
        {
            Description = "Create a client certificate instead of a bearer token. Its key is generated here and written only to the file.",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Write the credential into this new file, mode 0600, instead of printing it.",
            HelpName = "FILE",
        };
        var command = new FleetCommand("create", "Creates an operator and its credential, which is shown only once.",
            "fleet operator create anna --role operator --output anna.json",
            "fleet operator create dashboard --role viewer --certificate --output dashboard.json")
        {
            name,
            role,
            lifetime,
            certificate,
            output,
        };
        return actions.Online(command, async invocation =>
        {
            var file = invocation.Get(output);
            if (!string.IsNullOrEmpty(file) && Path.Exists(file))
            {
                return invocation.Fail(new CliFailure(
                    ExitCode.Refused,
                    $"{file}: already exists; nothing was changed",
                    "choose another file: a credential is never overwritten"));
            }

            using var key = invocation.Get(certificate) ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
            var request = new CreateOperatorRequest
            {
                Name = invocation.Get(name),
                Role = invocation.Get(role) switch
                {
                    "viewer" => Role.Viewer,
                    "operator" => Role.Operator,
                    _ => Role.Admin,
                },
                Lifetime = invocation.Get(lifetime) is { } wanted ? Duration.FromTimeSpan(wanted) : null,
                CsrPem = key is null ? "" : new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(),
            };
            var response = await invocation.Connection.Admin.CreateOperatorAsync(request, invocation.Connection.Unary);
            var credential = new Credential
            {
                Address = invocation.Connection.Address,
                CaCertificatePem = response.CaCertificatePem.Length > 0
                    ? response.CaCertificatePem
                    : invocation.Connection.Credential.CaCertificatePem,
                BearerToken = response.BearerToken,
                ClientCertificatePem = response.CertificatePem,
                ClientKeyPem = key?.ExportPkcs8PrivateKeyPem() ?? "",
            };
            return Hand(invocation, response, credential, file);
        });
    }

    private static int Hand(Invocation invocation, CreateOperatorResponse response, Credential credential, string? file)
    {
        if (credential.Address.IsLoopback)
        {
            invocation.Out.Note(
                $"warning: this credential calls {credential.Address.GetLeftPart(UriPartial.Authority)}, which works on this machine "
                + $"alone. For another: create it with --address https://NAME:{credential.Address.Port}, or change address in the file");
        }

        var json = credential.ToJson();
        if (string.IsNullOrEmpty(file))
        {
            invocation.Out.Verbatim(System.Text.Encoding.UTF8.GetString(json));
        }
        else
        {
            try
            {
                using var stream = new FileStream(file, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
                stream.Write(json);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return invocation.Fail(
                    new CliFailure(
                        ExitCode.Refused,
                        $"{file}: cannot be written: {e.Message}; the operator was created, but its credential is lost",
                        $"fleet operator remove {response.Operator?.Name}, then create it again"));
            }

            if (invocation.Json)
            {
                invocation.Out.Message(response.Operator ?? new Operator());
            }
            else
            {
                invocation.Out.Line(
            $"{response.Operator?.Name} may use {file} as {HumanText.Words(response.Operator?.Role ?? Role.Unspecified)} until "
            + $"{HumanText.Instant(response.Operator?.ExpiresAt, invocation.Environment.Time)}.");
                invocation.Out.Note("Save it as ~/.config/fleet/credential.json in that user's home. It is not shown again.");
            }
        }

        return ExitCode.Ok;
    }
}
