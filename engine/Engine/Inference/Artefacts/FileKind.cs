namespace Engine.Inference.Artefacts;

/// <summary>Recognises files that are given for a model by mistake, so that the message can say what they are.</summary>
internal static class FileKind
{
    private const int Sniffed = 512;

    /// <summary>What the file is, or null if it may be an ONNX model.</summary>
    public static string? Recognise(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "an empty file";
        }

        return bytes.StartsWith(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }) ? "a PNG image"
            : bytes.StartsWith(new byte[] { 0x89, (byte)'H', (byte)'D', (byte)'F' }) ? "an HDF5 file"
            : bytes.StartsWith(new byte[] { 0x1F, 0x8B }) ? "a gzip file"
            : bytes.StartsWith("PK\x03\x04"u8) ? "a ZIP archive"
            : bytes.StartsWith("\x7FELF"u8) ? "a program"
            : IsText(bytes[..Math.Min(bytes.Length, Sniffed)]) ? "a text file"
            : null;
    }

    // An ONNX file begins with a field whose number and length are control characters, so text it never is.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                return false;
            }
        }

        return true;
    }
}
