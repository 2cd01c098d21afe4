import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.*;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.*;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/** TokenApi METHOD PATH [BODY] sends one request to the token API. */
public class TokenApi {
    public static void main(String[] args) throws Exception {
        byte[] body = args.length > 2 ? args[2].getBytes("UTF-8") : new byte[0];
        var uri = URI.create(System.getenv("FISKIL_TOKEN_API_URL") + args[1]);
        var request = SdkHttpRequest.builder().uri(uri).method(SdkHttpMethod.fromValue(args[0])).build();
        var keys = DefaultCredentialsProvider.create().resolveCredentials();
        var signed = AwsV4HttpSigner.create().sign(sign -> sign.identity(keys).request(request)
                .payload(() -> new ByteArrayInputStream(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                .putProperty(AwsV4HttpSigner.REGION_NAME, System.getenv("AWS_REGION"))).request();
        var http = HttpRequest.newBuilder(uri).method(args[0], HttpRequest.BodyPublishers.ofByteArray(body));
        signed.headers().forEach((name, values) -> { if (!name.equals("Host")) http.header(name, values.get(0)); });
        var answer = HttpClient.newHttpClient().send(http.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.body());
        if (answer.statusCode() != 200) throw new IllegalStateException("HTTP " + answer.statusCode());
    }
}
