using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Engine.Core.Time;
using Engine.Feeds.BitMex;
using Engine.Simulator.Live.BitMex;

namespace Engine.Feeds.Tests.BitMex.Live;

public class SecureTests
{
    [Test]
    public void A_session_runs_over_tls_where_the_certificate_is_trusted()
    {
        using X509Certificate2 certificate = Certificate();
        using LiveSession session = LiveSession.Start(new BitMexServerOptions { Certificate = certificate }, options => options with
        {
            CheckCertificate = (_, given, _, _) => given?.GetCertHashString() == certificate.GetCertHashString(),
        });
        session.UntilPartials();
        session.Server.Step(200);
        session.UntilQuiet();
        Assert.That(session.Server.WebSocket.Scheme, Is.EqualTo("wss"));
        Assert.That(session.Kinds, Does.Not.Contain(BitMexLineKind.Closed));
        Assert.That(NaiveBook.Of(session.Lines, "XBTUSD", true), Is.EqualTo(session.Server.Book("XBTUSD", true)));
    }

    [Test]
    public void A_certificate_that_nobody_vouches_for_is_not_taken()
    {
        using X509Certificate2 certificate = Certificate();
        using BitMexServer server = new(new BitMexServerOptions { Certificate = certificate }, new WallClock());
        server.Start();
        using LiveSession session = LiveSession.Follow(server);
        session.Until(() => session.Lines.Count >= 2, "two attempts");
        Assert.That(session.Kinds, Is.All.EqualTo(BitMexLineKind.Closed));
        Assert.That(session.Lines[0].Text, Does.StartWith("no connection: The remote certificate"));
        Assert.That(server.Counts.Connections, Is.Zero);
    }

    private static X509Certificate2 Certificate()
    {
        using RSA key = RSA.Create(2_048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset today = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(today.AddDays(-1), today.AddDays(1));
    }
}
